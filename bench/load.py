"""Load: keep-alive connections that send the next request when the answer to the last is there.

The request is written by hand and sent as it stands. A client that costs as much as the server
would measure itself.
"""

import asyncio
import ssl
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import cast

import httptools
import uvloop


@dataclass(frozen=True, slots=True)
class Call:
    """A POST to a server on loopback, and the status and text by which a right answer is known."""

    port: int
    context: ssl.SSLContext
    request: bytes
    status: int
    text: bytes

    def run(self, connections: int, count: int) -> "Sample":
        """Send it `count` times over `connections` connections. RuntimeError where one fails."""
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(_run(self, connections, count))


@dataclass(frozen=True, slots=True)
class Sample:
    """What a round of load saw: wall time in seconds, each answer's latency in seconds."""

    seconds: float
    latencies: tuple[float, ...]

    @property
    def rate(self) -> float:
        """Answers per second."""
        return len(self.latencies) / self.seconds


def review(port: int, authority: Path, body: bytes) -> Call:
    """A review sent to a webhook, as the API server does."""
    head = (
        b"POST /mutate?timeout=3s HTTP/1.1\r\nHost: localhost\r\n"
        b"User-Agent: kube-apiserver-admission\r\nContent-Length: %d\r\n"
        b"Accept: application/json, */*\r\nContent-Type: application/json\r\n"
        b"Accept-Encoding: gzip\r\n\r\n"
    )
    context = ssl.create_default_context(cafile=authority)
    return Call(port, context, head % len(body) + body, 200, b'"allowed":true')


async def _run(call: Call, connections: int, count: int) -> Sample:
    loop = asyncio.get_running_loop()
    round_ = _Round(call, count, loop.create_future())
    opened = [
        await loop.create_connection(
            lambda: _Connection(round_),
            "127.0.0.1",
            call.port,
            ssl=call.context,
            server_hostname="localhost",
        )
        for _ in range(connections)
    ]
    try:
        started = perf_counter()
        for _, connection in opened:
            connection.next()
        await asyncio.wait_for(round_.done, timeout=120)
        seconds = perf_counter() - started
    finally:
        for transport, _ in opened:
            transport.abort()
        await asyncio.sleep(0)
    return Sample(seconds, tuple(round_.latencies))


class _Round:
    """What the connections of a round share."""

    def __init__(self, call: Call, count: int, done: asyncio.Future[None]) -> None:
        self.call = call
        self.to_send = count
        self.count = count
        self.done = done
        self.latencies: list[float] = []

    def failed(self, why: str) -> None:
        if not self.done.done():
            self.done.set_exception(RuntimeError(why))

    def answered(self, latency: float) -> None:
        self.latencies.append(latency)
        if len(self.latencies) == self.count and not self.done.done():
            self.done.set_result(None)


class _Connection(asyncio.Protocol):
    """Calls one after the other. httptools calls the methods that begin with `on_`."""

    def __init__(self, round_: _Round) -> None:
        self._round = round_
        self._body = b""
        self._sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's has no common base

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._round.done.done():
            self._round.failed(f"a connection was lost: {exc}")

    def next(self) -> None:
        """Send the next request, if there is one to send."""
        if self._round.to_send > 0:
            self._round.to_send -= 1
            self._parser = httptools.HttpResponseParser(self)
            self._body = b""
            self._sent_at = perf_counter()
            self._transport.write(self._round.call.request)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, data: bytes) -> None:
        self._body += data

    def on_message_complete(self) -> None:
        call, status = self._round.call, self._parser.get_status_code()
        if status != call.status or call.text not in self._body:
            self._round.failed(f"{status} {self._body[:1000].decode(errors='replace')}")
            return
        self._round.answered(perf_counter() - self._sent_at)
        self.next()
