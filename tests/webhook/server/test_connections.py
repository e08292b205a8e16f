import json
import socket
from dataclasses import replace
from http.client import HTTPException
from pathlib import Path

import pytest

from tests.waiting import until
from tests.webhook.server.serving import PATIENCE, Server, post, review, serving
from webhook.server.limits import Limits

QUICK = Limits(linger_seconds=0)
REVIEW = json.dumps(review()).encode()


def test_connection_is_kept(tmp_path: Path) -> None:
    """Many reviews go over one connection, and nothing says that it closes."""
    with serving(tmp_path) as server, server.client() as client:
        replies = [client.post(review(f"u-{number}")) for number in range(20)]

    assert [f"u-{number}" for number in range(20)] == [
        reply.json["response"]["uid"] for reply in replies
    ]
    assert not any(reply.closes for reply in replies)


def test_pipelined_reviews_are_answered_in_order(tmp_path: Path) -> None:
    """A client may send several reviews before it reads the answers."""
    sent = b"".join(post(json.dumps(review(f"u-{number}")).encode()) for number in range(5))

    with serving(tmp_path) as server, server.client() as client:
        client.send(sent)
        uids = [client.reply().json["response"]["uid"] for _ in range(5)]

    assert uids == [f"u-{number}" for number in range(5)]


def test_old_client(tmp_path: Path) -> None:
    """An HTTP/1.0 client gets its answer, and the connection is closed."""
    with serving(tmp_path) as server, server.client() as client:
        client.send(post(REVIEW).replace(b"HTTP/1.1", b"HTTP/1.0"))

        assert client.reply().json["response"]["allowed"]
        assert client.closed()


def test_chunked_body(tmp_path: Path) -> None:
    """A body of unknown length, in chunks that cut through it, is read."""
    chunks = b"".join(
        b"%x\r\n%s\r\n" % (len(part), part) for part in (REVIEW[:7], REVIEW[7:90], REVIEW[90:])
    )

    with serving(tmp_path) as server, server.client() as client:
        client.send(post(b"", Content_Length="", Transfer_Encoding="chunked"))
        client.send(chunks + b"0\r\n\r\n")

        assert client.reply().json["response"]["allowed"]


def test_client_that_asks_before_it_sends(tmp_path: Path) -> None:
    """`Expect: 100-continue` is answered, then the review."""
    with serving(tmp_path) as server, server.client() as client:
        client.send(post(b"", Content_Length=str(len(REVIEW)), Expect="100-continue"))
        assert client.socket.recv(1024).startswith(b"HTTP/1.1 100")
        client.send(REVIEW)

        assert client.reply().status == 200


@pytest.mark.parametrize("chunked", [False, True], ids=["declared", "chunked"])
def test_body_too_large(tmp_path: Path, chunked: bool) -> None:
    """10 MiB are refused with an answer that arrives, and the server goes on."""
    body = b" " * (10 << 20)
    with serving(tmp_path) as server:
        with server.client() as client:
            if chunked:
                client.send(post(b"", Content_Length="", Transfer_Encoding="chunked"))
                client.send(b"%x\r\n" % len(body) + body + b"\r\n0\r\n\r\n")
            else:
                client.send(post(body))
            reply = client.reply()
            closed = client.closed()
        with server.client() as client:
            after = client.post(review())

        assert (reply.status, reply.closes, closed) == (413, True, True)
        assert reply.json == {"error": "the body is larger than 8388608 bytes"}
        assert after.status == 200
        assert server.metric('spanhook_admission_rejected_total{why="too_large"}') == 1


def test_body_far_too_large_is_refused_at_once(tmp_path: Path) -> None:
    """A declared length that is out of all proportion is not waited for."""
    with serving(tmp_path) as server, server.client() as client:
        client.send(post(b"", Content_Length=str(1 << 40)))

        assert client.reply().status == 413
        assert client.closed()


def test_bodies_together_too_large(tmp_path: Path) -> None:
    """What all bodies take while they arrive is bounded."""
    limits = replace(QUICK, held_bytes=1 << 20)
    with serving(tmp_path, limits) as server, server.client() as client:
        client.send(post(b" " * (3 << 20)))

        assert client.reply().status == 503


def test_head_too_large(tmp_path: Path) -> None:
    """Headers without end are refused."""
    with serving(tmp_path) as server, server.client() as client:
        client.send(b"POST /mutate HTTP/1.1\r\nHost: x\r\n")
        client.send(b"".join(b"X-%d: %s\r\n" % (number, b"y" * 1000) for number in range(100)))

        assert client.reply().status == 431


def test_not_http(tmp_path: Path) -> None:
    """What is not HTTP gets a JSON reason and is cut off."""
    with serving(tmp_path) as server, server.client() as client:
        client.send(b"\x16\x03 nonsense\r\n\r\n")
        reply = client.reply()

        assert (reply.status, reply.closes) == (400, True)
        assert reply.json["error"]
        assert client.closed()


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"POST /mutate HTTP/1.1\r\nHost: loc", id="half a head"),
        pytest.param(b"P", id="one byte"),
        pytest.param(post(REVIEW)[:-10], id="half a body"),
    ],
)
def test_slow_client(tmp_path: Path, sent: bytes) -> None:
    """A client that does not go on is told, and cut off."""
    limits = replace(QUICK, head_seconds=1, body_seconds=1)
    with serving(tmp_path, limits) as server:
        with server.client() as client:
            client.send(sent)
            reply = client.reply()

            assert (reply.status, reply.closes) == (408, True)
            assert client.closed()
        until(lambda: _in_flight(server) == 0, "no review is under way")
        assert server.metric('spanhook_admission_rejected_total{why="slow"}') == 1


def test_slow_client_after_a_good_request(tmp_path: Path) -> None:
    """The clock starts anew with every request of a connection."""
    limits = replace(QUICK, head_seconds=1, body_seconds=1)
    with serving(tmp_path, limits) as server, server.client() as client:
        assert client.post(review()).status == 200
        client.send(b"POST /mut")

        assert client.reply().status == 408


def test_silent_connection(tmp_path: Path) -> None:
    """A connection that asks nothing after the handshake is closed."""
    with serving(tmp_path, replace(QUICK, head_seconds=1)) as server, server.client() as client:
        assert client.closed()


def test_idle_connection(tmp_path: Path) -> None:
    """A connection is closed without a word when its next request does not come."""
    limits = replace(QUICK, keep_alive_seconds=1)
    with serving(tmp_path, limits) as server, server.client() as client:
        assert client.post(review()).status == 200

        assert client.closed()


def test_no_handshake(tmp_path: Path) -> None:
    """A connection that never starts TLS is closed."""
    with (
        serving(tmp_path, replace(QUICK, handshake_seconds=0.3)) as server,
        socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as raw,
    ):
        assert _ends(raw)


def _ends(raw: socket.socket) -> bool:
    try:
        return raw.recv(1) == b""
    except ConnectionResetError:
        return True


def test_peer_that_vanishes_in_a_body(tmp_path: Path) -> None:
    """A client that goes away in the middle leaves nothing behind."""
    with serving(tmp_path) as server:
        with server.client() as client:
            client.send(post(REVIEW)[:-10])
            until(lambda: _in_flight(server) == 1, "the review is under way")

        until(lambda: _in_flight(server) == 0, "no review is under way")


def test_too_many_reviews_at_a_time(tmp_path: Path) -> None:
    """Beyond the limit a review gets 503 at once; those before it are answered."""
    with (
        serving(tmp_path, replace(QUICK, reviews=1)) as server,
        server.client() as first,
        server.client() as second,
    ):
        first.send(post(REVIEW)[:-1])
        until(lambda: _in_flight(server) == 1, "the review is under way")
        refused = second.post(review())
        first.send(REVIEW[-1:])

        assert (refused.status, refused.closes) == (503, True)
        assert refused.json == {"error": "too many reviews at a time"}
        assert first.reply().status == 200


def test_too_many_connections(tmp_path: Path) -> None:
    """Beyond the limit a connection is closed; there is room again when one ends."""
    with serving(tmp_path, replace(QUICK, connections=2)) as server:
        with server.client() as first, server.client() as second:
            first.get("/healthz")
            second.get("/healthz")
            with server.client() as third:
                assert third.closed()
        until(lambda: _is_healthy(server), "it answers")


def _in_flight(server: Server) -> float:
    return server.metric("spanhook_admission_in_flight")


def _is_healthy(server: Server) -> bool:
    try:
        with server.client() as client:
            return client.get("/healthz").status == 200
    except (OSError, HTTPException):
        return False


def test_connection_is_recycled_after_some_requests(tmp_path: Path) -> None:
    """After about as many requests as set, the answer says close, and new connections are taken."""
    with serving(tmp_path, replace(QUICK, connection_requests=8)) as server:
        with server.client() as client:
            closes = [client.post(review()).closes for _ in range(6)]
            while not closes[-1] and len(closes) < 12:
                closes.append(client.post(review()).closes)

            assert closes[-1]
            assert not any(closes[:-1])
            assert 6 <= len(closes) <= 10
            assert client.closed()
        with server.client() as client:
            assert client.post(review()).status == 200


def test_connection_is_recycled_after_some_time(tmp_path: Path) -> None:
    """A connection that is older than set is closed with its next answer."""
    limits = replace(QUICK, connection_seconds=0)
    with serving(tmp_path, limits) as server, server.client() as client:
        reply = client.post(review())

        assert (reply.status, reply.closes) == (200, True)
        assert client.closed()
