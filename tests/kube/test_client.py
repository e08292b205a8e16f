import asyncio
import json
import socket
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web
from kubernetes.aio.config import ConfigException

from kube.client import Client, connect
from kube.errors import ApiError, Oversized, Unreachable
from kube.session import watched_socket
from tests.kube.answering import answering, kubeconfig, status
from tests.kube.using import Use, ask, client


async def echo(request: web.Request) -> web.Response:
    """Says what was asked."""
    text = await request.text()
    return web.json_response(
        {
            "method": request.method,
            "path": request.path,
            "query": dict(request.query),
            "type": request.content_type,
            "token": request.headers["Authorization"],
            "agent": request.headers["User-Agent"],
            "body": json.loads(text) if text else None,
        }
    )


@pytest.mark.parametrize(
    ("use", "expected"),
    [
        pytest.param(
            lambda c: c.get("/a", labelSelector="x=y,z", limit="5"),
            {"method": "GET", "query": {"labelSelector": "x=y,z", "limit": "5"}, "body": None},
            id="get",
        ),
        pytest.param(
            lambda c: c.create("/a", {"kind": "A"}, dryRun="All"),
            {"method": "POST", "query": {"dryRun": "All"}, "body": {"kind": "A"}},
            id="create",
        ),
        pytest.param(
            lambda c: c.replace("/a", {"kind": "A"}),
            {"method": "PUT", "type": "application/json", "body": {"kind": "A"}},
            id="replace",
        ),
        pytest.param(
            lambda c: c.apply("/a", {"kind": "A"}),
            {
                "method": "PATCH",
                "type": "application/apply-patch+yaml",
                "query": {"fieldManager": "spanhook", "force": "true"},
                "body": {"kind": "A"},
            },
            id="apply",
        ),
        pytest.param(
            lambda c: c.apply("/a", {}, manager="m", force=False),
            {"query": {"fieldManager": "m", "force": "false"}, "body": {}},
            id="apply without force",
        ),
        pytest.param(
            lambda c: c.merge("/a", {"metadata": {"labels": {"x": None}}}),
            {
                "type": "application/merge-patch+json",
                "body": {"metadata": {"labels": {"x": None}}},
            },
            id="merge",
        ),
        pytest.param(
            lambda c: c.patch("/a", ({"op": "remove", "path": "/x"},)),
            {
                "type": "application/json-patch+json",
                "body": [{"op": "remove", "path": "/x"}],
            },
            id="patch",
        ),
        pytest.param(lambda c: c.delete("/a"), {"method": "DELETE", "body": None}, id="delete"),
    ],
)
def test_a_request(tmp_path: Path, use: Use, expected: dict[str, object]) -> None:
    """Each method's verb, query, media type and body; always with token and agent."""
    said = ask(tmp_path, echo, use)

    assert isinstance(said, dict)
    assert (said["path"], said["token"], said["agent"]) == ("/a", "Bearer t", "spanhook")
    assert expected == {name: said[name] for name in expected}


def test_nobody_answers(tmp_path: Path) -> None:
    """A refused connection names the server."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"

    async def run() -> None:
        async with connect(kubeconfig(tmp_path / "k", url)) as one:
            await one.get("/a")

    with pytest.raises(Unreachable, match=url):
        asyncio.run(run())


@pytest.mark.parametrize(
    "body", [b"<html>", b"[]", b"\xff", b""], ids=["page", "list", "bytes", "empty"]
)
def test_something_else_answers(tmp_path: Path, body: bytes) -> None:
    """A page that says OK, as portals do, is no answer of an API server."""

    async def page(_request: web.Request) -> web.Response:
        return web.Response(body=body)

    with pytest.raises(Unreachable):
        ask(tmp_path, page, lambda c: c.get("/a"))


def test_an_answer_that_breaks_off(tmp_path: Path) -> None:
    """Half an answer is none."""

    async def half(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "100"})
        await response.prepare(request)
        await response.write(b"{")
        assert request.transport is not None
        request.transport.close()
        return response

    with pytest.raises(Unreachable):
        ask(tmp_path, half, lambda c: c.get("/a"))


@pytest.mark.parametrize(
    ("date", "time"),
    [
        ("Mon, 23 Nov 2026 12:00:05 GMT", datetime(2026, 11, 23, 12, 0, 5, tzinfo=UTC)),
        ("half past twelve", None),
    ],
)
@pytest.mark.parametrize("code", [200, 403])
def test_the_time_at_the_api_server(
    tmp_path: Path, code: int, date: str, time: datetime | None
) -> None:
    """Every answer tells what time it is there; before the first nothing does."""

    async def dated(_: web.Request) -> web.Response:
        return web.json_response({}, status=code, headers={"Date": date})

    async def use(one: Client) -> None:
        assert one.time is None
        with suppress(ApiError):
            await one.get("/a")
        assert one.time == time

    ask(tmp_path, dated, use)


def test_undecoded(tmp_path: Path) -> None:
    """`read` gives the bytes as they came."""

    async def page(_request: web.Request) -> web.Response:
        return web.Response(body=b'{"a":  1}')

    assert ask(tmp_path, page, lambda c: c.read("/a")) == b'{"a":  1}'


@pytest.mark.parametrize("most", [10_000_000, 1000], ids=["enough", "too little"])
def test_at_most(tmp_path: Path, most: int) -> None:
    """An answer over the bound is not read to its end, and the next request has its own answer."""
    page = b'{"a": "' + b"x" * 5_000_000 + b'"}'

    async def answer(request: web.Request) -> web.Response:
        return web.Response(body=page if request.path == "/large" else b"{}")

    async def use(one: Client) -> int:
        try:
            return len(await one.read_at_most(most, "/large"))
        except Oversized:
            return 0
        finally:
            assert await one.get("/small") == {}

    assert ask(tmp_path, answer, use) == (len(page) if most > len(page) else 0)


def test_a_request_that_is_cancelled(tmp_path: Path) -> None:
    """What is on its way at the end leaves nothing behind that complains later."""

    async def run() -> bool:
        arrived, over = asyncio.Event(), asyncio.Event()

        async def hang(request: web.Request) -> web.StreamResponse:
            response = web.StreamResponse(headers={"Content-Length": "10"})
            if request.path == "/body":
                await response.prepare(request)
            arrived.set()
            await over.wait()
            return response

        async with client(tmp_path, hang) as one:
            for path in ("/head", "/body"):
                one.cut = False
                arrived.clear()
                task = asyncio.create_task(one.get(path))
                await arrived.wait()
                await asyncio.sleep(0.01)  # the head has to come back
                task.cancel()
                await asyncio.wait([task])
                assert one.cut
            over.set()
        return True

    assert asyncio.run(run())


@pytest.mark.parametrize(
    ("fresh", "asked"),
    [("second", 2), ("first", 1), (None, 1)],
    ids=["new", "same", "none any more"],
)
def test_a_token_that_is_refused(tmp_path: Path, fresh: str | None, asked: int) -> None:
    """After a 401 the credentials are read anew; others are tried once, the same are not."""
    token = tmp_path / "token"
    token.write_text("first")
    seen: list[str] = []

    async def check(request: web.Request) -> web.Response:
        seen.append(request.headers["Authorization"])
        if seen[-1] == "Bearer second":
            return web.json_response({})
        if fresh is None:
            token.unlink()
        else:
            token.write_text(fresh)
        return status(401, "Unauthorized")

    async def run() -> None:
        async with answering(check) as url:
            path = kubeconfig(tmp_path / "k", url, {"tokenFile": str(token)})
            async with connect(path) as one:
                await one.get("/a")

    if fresh == "second":
        asyncio.run(run())
    else:
        with pytest.raises(ApiError, match="401"):
            asyncio.run(run())
    assert asked == len(seen)


def test_credentials_that_cannot_be_read(tmp_path: Path) -> None:
    """A token's file that is empty for a moment is no answer, whatever the reader of it raises."""

    def empty(_configuration: object) -> None:
        raise ConfigException("Token file exists but empty.")

    async def use(one: Client) -> object:
        one._api.configuration.refresh_api_key_hook = empty
        with pytest.raises(Unreachable, match="credentials: Token file exists but empty"):
            await one.get("/a")
        one._api.configuration.refresh_api_key_hook = None
        return (await one.get("/a"))["path"]

    assert ask(tmp_path, echo, use) == "/a"


def test_a_peer_that_went_away_is_noticed() -> None:
    """Connections are probed by the system, far below its usual two hours."""
    made = watched_socket((socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", 0)))
    with made:
        assert made.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        if hasattr(socket, "TCP_KEEPIDLE"):
            idle = made.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE)
            assert 0 < idle <= 60
