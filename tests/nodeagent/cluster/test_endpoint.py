import asyncio
import logging
import socket
from contextlib import AsyncExitStack

import pytest

from nodeagent.cluster.endpoint import Answer, serve


async def _said(*sent: bytes) -> list[bytes]:
    """What each connection is answered."""
    server = await serve({"/well": lambda: Answer(b"yes\n")}, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    answers: list[bytes] = []
    async with server:
        for one in sent:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(one)
            if not one:
                writer.write_eof()
            answers.append(await reader.read())
            writer.close()
            await writer.wait_closed()
    return answers


@pytest.mark.parametrize(
    ("request_line", "expected"),
    [
        ("GET /well HTTP/1.1", b"HTTP/1.1 200 OK\r\n"),
        ("GET /well?why HTTP/1.0", b"HTTP/1.1 200 OK\r\n"),
        ("GET /ill HTTP/1.1", b"HTTP/1.1 404 Not Found\r\n"),
        ("POST /well HTTP/1.1", b"HTTP/1.1 405 Method Not Allowed\r\n"),
        ("\x01\x02", b"HTTP/1.1 405 Method Not Allowed\r\n"),
    ],
)
def test_each_request_has_one_answer(request_line: str, expected: bytes) -> None:
    """Then the connection is closed."""
    (answer,) = asyncio.run(_said(f"{request_line}\r\nHost: x\r\n\r\n".encode()))

    assert answer.startswith(expected)


def test_the_body_is_as_long_as_is_said() -> None:
    """With its type."""
    (answer,) = asyncio.run(_said(b"GET /well HTTP/1.1\r\n\r\n"))
    head, _, body = answer.partition(b"\r\n\r\n")

    assert body == b"yes\n"
    assert b"Content-Length: 4" in head
    assert b"Content-Type: text/plain; charset=utf-8" in head


def test_what_is_no_request_is_not_answered() -> None:
    """A head without end, or none at all; the next one is served."""
    answers = asyncio.run(_said(b"GET /" + b"x" * 100_000, b"", b"GET /well HTTP/1.1\r\n\r\n"))

    assert answers[:2] == [b"", b""]
    assert answers[2].endswith(b"yes\n")


_WELL = b"GET /well HTTP/1.1\r\n\r\n"


async def _answered(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    writer.write(_WELL)
    answer = await reader.read()
    writer.close()
    return answer


async def _among_idle(number: int) -> tuple[bytes, bytes, bytes]:
    """What one is answered that asks last; what the first and the last of those before read."""
    server = await serve({"/well": lambda: Answer(b"yes\n")}, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, AsyncExitStack() as stack:
        idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(number)]
        for _, writer in idle:
            stack.callback(writer.close)
        answer = await _answered(*await asyncio.open_connection("127.0.0.1", port))
        try:
            first = await idle[0][0].read()
        except ConnectionResetError:
            first = b""
        return answer, first, await _answered(*idle[-1])


def test_who_asks_for_nothing_keeps_nobody_from_being_answered() -> None:
    """The oldest of 40 idle connections gives way; those that stay may still ask."""
    answer, first, last = asyncio.run(_among_idle(40))

    assert answer.endswith(b"yes\n")
    assert first == b""
    assert last.endswith(b"yes\n")


def test_the_end_lets_go_of_those_that_wait(caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is said of connections that were open when the loop ended."""

    async def leave(idle: socket.socket) -> None:
        server = await serve({}, "127.0.0.1", 0)
        address = server.sockets[0].getsockname()
        idle.connect(address)
        # Connections are accepted in the order of their coming: the idle one is, too, by then.
        await _answered(*await asyncio.open_connection(*address))
        server.close()

    with caplog.at_level(logging.ERROR, "asyncio"), socket.socket() as idle:
        asyncio.run(leave(idle))

    assert caplog.text == ""
