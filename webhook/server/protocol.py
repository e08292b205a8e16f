"""One connection: uvicorn's HTTP/1.1 protocol, with deadlines and an end of life.

uvicorn bounds the time between requests only, with a timer for each. A peer that sends half a head,
or half a body, would hold its connection for ever; so each connection has one `deadline` for
whatever comes next, and the listener looks at all of them a few times a second, which costs a
request no more than assignments.
"""

import math
import random
from asyncio import AbstractEventLoop, Transport
from collections.abc import Callable

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.server import ServerState

from webhook.server import documents
from webhook.server.cork import Cork
from webhook.server.limits import Limits

Rejected = Callable[[str], None]
"""Called with a short word for why a request was turned away."""


class Protocol(HttpToolsProtocol):
    """Closes connections of slow peers, and after a while those of diligent ones too."""

    def __init__(
        self,
        config: Config,
        state: ServerState,
        loop: AbstractEventLoop,
        limits: Limits,
        rejected: Rejected,
    ) -> None:
        super().__init__(config=config, server_state=state, app_state={}, _loop=loop)
        self.limits = limits
        self.rejected = rejected
        self.receiving = False
        self.answering = False
        self.stopping = False
        self.in_head = False
        self.head_bytes = 0
        self.deadline = math.inf
        # Jittered, or all connections that opened together would close together, for ever.
        jitter = random.uniform(0.75, 1.25)  # noqa: S311  # guards nothing
        self.requests_left = max(1, round(limits.connection_requests * jitter))
        self.retire_at = loop.time() + limits.connection_seconds * jitter

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Start the clock for the first request's head."""
        self.cork = Cork(transport, self.loop)
        super().connection_made(self.cork)
        self.deadline = self.loop.time() + self.limits.head_seconds
        if len(self.connections) > self.limits.connections:
            self.rejected("connections")
            transport.close()

    def data_received(self, data: bytes) -> None:
        """Parse, and count what is still head."""
        super().data_received(data)
        if self.in_head:
            self.head_bytes += len(data)
            if self.head_bytes > self.limits.head_bytes:
                self.refuse(431, "head", "the request's head is too large")

    def on_message_begin(self) -> None:
        """Start the clock for this request's head."""
        super().on_message_begin()
        self.receiving = self.in_head = True
        self.head_bytes = 0
        self.deadline = self.loop.time() + self.limits.head_seconds

    def on_headers_complete(self) -> None:
        """Start the clock for the body and the answer; decide whether it is the last answer."""
        super().on_headers_complete()
        now = self.loop.time()
        self.in_head = False
        self.answering = True
        self.deadline = now + self.limits.body_seconds
        self.requests_left -= 1
        if self.stopping or self.requests_left <= 0 or now >= self.retire_at:
            self.cycle.keep_alive = False

    def on_message_complete(self) -> None:
        """All of a request is here."""
        super().on_message_complete()
        self.receiving = False

    def on_response_complete(self) -> None:
        """Let the answer go; start the clock for the next request, or for one that came behind.

        In place of uvicorn's, which sets a timer for the pause between any two requests.
        """
        self.cork.flush()
        self.answering = bool(self.pipeline)
        busy = self.answering or self.receiving
        limits = self.limits
        seconds = limits.body_seconds if busy else limits.keep_alive_seconds
        self.deadline = self.loop.time() + seconds
        if not self.transport.is_closing():
            self.flow.resume_reading()
            if self.pipeline:
                self._start_asgi_task(*self.pipeline.pop())

    def stop(self) -> None:
        """Answer what is asked from now on with `Connection: close`."""
        self.stopping = True
        if self.answering:
            self.cycle.keep_alive = False

    def shutdown(self) -> None:
        """Close now, unless a request is on its way: then its answer closes."""
        self.stop()
        if not self.receiving and not self.answering:
            self.transport.close()

    def expire(self) -> None:
        """The peer took too long: tell it, where it is still asking, and close."""
        if self.receiving:
            self.refuse(408, "slow", "the request took too long to arrive")
        else:
            self._close()

    def refuse(self, status: int, word: str, reason: str) -> None:
        """Answer in place of the application and close."""
        self.rejected(word)
        begun = self.answering and (self.cycle.response_started or bool(self.pipeline))
        if not begun:
            self.transport.write(_answer(status, documents.error(reason)))
        self._close()

    def send_400_response(self, msg: str) -> None:
        """Answer what is not HTTP, as JSON."""
        self.refuse(400, "http", msg)

    def _close(self) -> None:
        self.deadline = math.inf
        self.receiving = self.in_head = False
        if self.answering:
            # Wakes the application, which waits for the body: it sees a disconnect.
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.close()


def _answer(status: int, body: bytes) -> bytes:
    length = b"content-length: %d\r\n" % len(body)
    head = b"content-type: application/json\r\nconnection: close\r\n" + length
    return STATUS_LINE[status] + head + b"\r\n" + body
