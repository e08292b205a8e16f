"""What the node agent serves over HTTP: /metrics, /healthz, /readyz. GET only, one answer each."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus

_SECONDS = 5.0
_HEAD = 8192
_AT_ONCE = 32

TEXT = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered."""

    body: bytes
    kind: str = TEXT
    status: HTTPStatus = HTTPStatus.OK


Pages = Mapping[str, Callable[[], Answer]]
"""Path → what is answered there."""


async def serve(pages: Pages, host: str, port: int) -> asyncio.Server:
    """Listen on `host` ("" for all addresses). Raises OSError.

    Of more than 32 connections the oldest that asks for nothing gives way: anybody may hold some,
    and the kubelet has to be answered.
    """
    connections = _Connections()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.add(writer)
        try:
            # Who cancels is the end of the loop. A task that ends so is an error in its log before
            # Python 3.12, see asyncio.streams; nothing is left to be done but to let go.
            with suppress(OSError, asyncio.CancelledError):
                await _converse(pages, reader, writer, connections)
        finally:
            connections.remove(writer)
            writer.transport.abort()  # nothing to do where it was closed

    return await asyncio.start_server(accept, host or None, port, limit=_HEAD)


class _Connections:
    """Those that are open, the oldest first."""

    def __init__(self) -> None:
        self._idle: dict[asyncio.StreamWriter, None] = {}
        self._asking: dict[asyncio.StreamWriter, None] = {}

    def add(self, writer: asyncio.StreamWriter) -> None:
        """One that has not asked for anything yet; another one ends where there are too many."""
        if len(self._idle) + len(self._asking) >= _AT_ONCE:
            oldest = next(iter((*self._idle, *self._asking)))
            self.remove(oldest)
            oldest.transport.abort()
        self._idle[writer] = None

    def asks(self, writer: asyncio.StreamWriter) -> None:
        """It asked for something: it stays for longer than those that have not."""
        if writer in self._idle:
            del self._idle[writer]
            self._asking[writer] = None

    def remove(self, writer: asyncio.StreamWriter) -> None:
        """It is closed."""
        self._idle.pop(writer, None)
        self._asking.pop(writer, None)


async def _converse(
    pages: Pages,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    connections: _Connections,
) -> None:
    with suppress(TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        async with asyncio.timeout(_SECONDS):
            head = await reader.readuntil(b"\r\n\r\n")
        connections.asks(writer)
        writer.write(_response(_answer(pages, head)))
        writer.close()
        async with asyncio.timeout(_SECONDS):  # who reads nothing is not waited for any longer
            await writer.wait_closed()


def _answer(pages: Pages, head: bytes) -> Answer:
    method, _, rest = head.partition(b"\r\n")[0].decode("latin-1").partition(" ")
    if method != "GET":
        return _plain(HTTPStatus.METHOD_NOT_ALLOWED)
    page = pages.get(rest.partition(" ")[0].partition("?")[0])
    return page() if page is not None else _plain(HTTPStatus.NOT_FOUND)


def _plain(status: HTTPStatus) -> Answer:
    return Answer(f"{status.phrase}\n".encode(), status=status)


def _response(answer: Answer) -> bytes:
    status = answer.status
    lines = (
        f"HTTP/1.1 {status.value} {status.phrase}",
        f"Content-Type: {answer.kind}",
        f"Content-Length: {len(answer.body)}",
        "Connection: close",
    )
    return "\r\n".join((*lines, "", "")).encode() + answer.body
