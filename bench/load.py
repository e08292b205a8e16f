"""Load: keep-alive connections that send the next review when the answer to the last is there.

HTTP is written and read by hand. A client that costs as much as the server would measure itself.
"""

import asyncio
import ssl
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import cast

import uvloop

_END_OF_HEAD = b"\r\n\r\n"
_LENGTH = b"content-length: "


@dataclass(frozen=True, slots=True)
class Sample:
    """What a round of load saw: wall time in seconds, each answer's latency in seconds."""

    seconds: float
    latencies: tuple[float, ...]

    @property
    def rate(self) -> float:
        """Reviews per second."""
        return len(self.latencies) / self.seconds


def run(port: int, authority: Path, body: bytes, connections: int, count: int) -> Sample:
    """Send `count` reviews over `connections` connections. Raises RuntimeError where one fails."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_run(port, authority, body, connections, count))


async def _run(port: int, authority: Path, body: bytes, connections: int, count: int) -> Sample:
    loop = asyncio.get_running_loop()
    context = ssl.create_default_context(cafile=authority)
    round_ = _Round(_request(body), count, loop.create_future())
    opened = [
        await loop.create_connection(
            lambda: _Connection(round_), "127.0.0.1", port, ssl=context, server_hostname="localhost"
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


def _request(body: bytes) -> bytes:
    head = (
        b"POST /mutate?timeout=3s HTTP/1.1\r\nHost: localhost\r\n"
        b"User-Agent: kube-apiserver-admission\r\nContent-Length: %d\r\n"
        b"Accept: application/json, */*\r\nContent-Type: application/json\r\n"
        b"Accept-Encoding: gzip\r\n\r\n"
    )
    return head % len(body) + body


class _Round:
    """What the connections of a round share."""

    def __init__(self, request: bytes, count: int, done: asyncio.Future[None]) -> None:
        self.request = request
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
    def __init__(self, round_: _Round) -> None:
        self._round = round_
        self._received = b""
        self._sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's has no common base

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._round.done.done():
            self._round.failed(f"a connection was lost: {exc}")

    def next(self) -> None:
        """Send the next review, if there is one to send."""
        if self._round.to_send > 0:
            self._round.to_send -= 1
            self._sent_at = perf_counter()
            self._transport.write(self._round.request)

    def data_received(self, data: bytes) -> None:
        self._received = self._received + data if self._received else data
        end = self._received.find(_END_OF_HEAD)
        if end < 0 or len(self._received) < end + 4 + self._length(end):
            return
        answer, self._received = self._received, b""
        if not answer.startswith(b"HTTP/1.1 200") or b'"allowed":true' not in answer:
            self._round.failed(answer[:200].decode(errors="replace"))
            return
        self._round.answered(perf_counter() - self._sent_at)
        self.next()

    def _length(self, end: int) -> int:
        start = self._received.lower().index(_LENGTH, 0, end) + len(_LENGTH)
        return int(self._received[start : self._received.index(b"\r", start)])
