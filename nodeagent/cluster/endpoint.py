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
    """Listen on `host` ("" for all addresses). Raises OSError."""
    free = asyncio.Semaphore(_AT_ONCE)

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            if not free.locked():
                async with free:
                    await _converse(pages, reader, writer)
            writer.close()
            await writer.wait_closed()

    return await asyncio.start_server(accept, host or None, port, limit=_HEAD)


async def _converse(
    pages: Pages, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    faults = (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError)
    with suppress(*faults):
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _SECONDS)
        writer.write(_response(_answer(pages, head)))
        await asyncio.wait_for(writer.drain(), _SECONDS)


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
