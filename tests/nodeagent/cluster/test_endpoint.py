import asyncio

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
