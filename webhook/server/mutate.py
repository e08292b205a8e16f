"""POST /mutate, as plain ASGI: request objects and middleware would cost more than the review."""

from asyncio import sleep
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Final

from starlette.types import Receive, Scope, Send

from webhook.server import documents
from webhook.server.limits import Limits
from webhook.server.logs import Log
from webhook.server.reviewer import Answer, Reviewer
from webhook.server.telemetry import Telemetry

_DISCARD: Final = 4
"""A body up to this many times the limit is read to its end before it is refused: a peer that is
still writing when the connection closes gets a reset in place of the answer."""


Observer = Callable[[Answer], None]
"""Hears of each answer once it is sent; must not raise, and must not take its time."""


def ignore(_answer: Answer) -> None:
    """The observer where nobody observes."""


Wait = Callable[[Answer, int, bytes], Awaitable[Answer]]
"""Waits for what an answer misses and answers anew; the body's size, and the URL's query."""


async def at_once(answer: Answer, _size: int, _query: bytes) -> Answer:
    """The answer as it is, where nobody can be asked."""
    return answer


@dataclass(frozen=True, slots=True)
class _RefusedError(Exception):
    status: int
    word: str
    reason: str


class Mutate:
    """Reads the body within the limits, lets the reviewer answer, then counts and logs."""

    def __init__(  # noqa: PLR0913  # what every server has, and two seams
        self,
        reviewer: Reviewer,
        telemetry: Telemetry,
        log: Log,
        limits: Limits,
        observer: Observer = ignore,
        *,
        wait: Wait = at_once,
    ) -> None:
        self.reviewer = reviewer
        self.telemetry = telemetry
        self.log = log
        self.limits = limits
        self.observer = observer
        self.wait = wait
        self.in_flight = 0
        self.held_bytes = 0
        telemetry.in_flight.set_function(lambda: self.in_flight)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        self.in_flight += 1
        try:
            body = await self._body(scope, receive)
            if body is not None:
                started = perf_counter()
                answer = self.reviewer.answer(body)
                if answer.missing:
                    size, body = len(body), b""  # it need not lie here while the answer waits
                    answer = await self.wait(answer, size, scope["query_string"])
                elapsed = perf_counter() - started
                await _send(send, answer.status, answer.body)
                await sleep(0)  # the answer leaves before anything is noted of it
                self.telemetry.reviewed(answer, elapsed)
                self.log.reviewed(answer, elapsed)
                self.observer(answer)
        except _RefusedError as refused:
            self.telemetry.rejected(refused.word)
            self.log.event("warning", refused.reason, status=refused.status)
            await _send(send, refused.status, documents.error(refused.reason))
        finally:
            self.in_flight -= 1

    async def _body(self, scope: Scope, receive: Receive) -> bytes | None:
        """The request's body; None when the peer went away. Raises _RefusedError."""
        length = self._check(scope["headers"])
        limit = self.limits.body_bytes
        if length > limit * _DISCARD:
            raise _too_large(limit)
        message = await receive()
        if message["type"] != "http.request":
            return None
        body: bytes = message["body"]
        if message["more_body"]:
            return await self._rest(receive, body)
        if len(body) > limit:
            raise _too_large(limit)
        return body

    async def _rest(self, receive: Receive, start: bytes) -> bytes | None:
        """A body that came in several pieces, `start` being the first."""
        pieces, size, held = [start], len(start), 0
        try:
            while True:
                message = await receive()
                if message["type"] != "http.request":
                    return None
                piece = message["body"]
                size += len(piece)
                if size <= self.limits.body_bytes:
                    pieces.append(piece)
                    held += len(piece)
                    self.held_bytes += len(piece)
                else:
                    pieces.clear()
                if self.held_bytes > self.limits.held_bytes:
                    raise _RefusedError(503, "overloaded", "too many large reviews at a time")
                if not message["more_body"] or size > self.limits.body_bytes * _DISCARD:
                    break
        finally:
            self.held_bytes -= held
        if size > self.limits.body_bytes:
            raise _too_large(self.limits.body_bytes)
        return b"".join(pieces)

    def _check(self, headers: list[tuple[bytes, bytes]]) -> int:
        """The declared length, 0 where there is none. Raises _RefusedError."""
        if self.in_flight > self.limits.reviews:
            raise _RefusedError(503, "overloaded", "too many reviews at a time")
        length, content_type = 0, b""
        for name, value in headers:
            if name == b"content-length":
                length = int(value)
            elif name == b"content-type":
                content_type = value
        if (
            content_type != documents.JSON
            and content_type.partition(b";")[0].strip().lower() != documents.JSON
        ):
            raise _RefusedError(400, "content_type", "the content type must be application/json")
        return length


def _too_large(limit: int) -> _RefusedError:
    return _RefusedError(413, "too_large", f"the body is larger than {limit} bytes")


_CLOSING = frozenset({413, 503})
"""After these the connection closes: what may be left of the body is not worth reading."""


async def _send(send: Send, status: int, body: bytes) -> None:
    headers = [(b"content-type", documents.JSON), (b"content-length", b"%d" % len(body))]
    if status in _CLOSING:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
