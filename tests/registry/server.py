"""A registry in the test's own hands: sound by default, and as faulty as a test wants it."""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from registry.client import Client, connect
from registry.resolver import Lookup
from registry.settings import Settings
from tests.registry.images import Blob, Image, Index

Behaviour = Callable[["Request", asyncio.StreamWriter], Awaitable[None]]

PATIENCE = 20.0
"""Seconds until a test gives up; none of them waits that long when all is well."""
MISSING = b'{"errors": [{"code": "MANIFEST_UNKNOWN", "message": "\x1b[31m not here"}]}'


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asked."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def line(self) -> str:
        """`GET /v2/…`, without the query."""
        return f"{self.method} {self.path.partition('?')[0]}"


@dataclass(slots=True)
class Server:
    """What a registry has, what it was asked, and where it does not do what it should."""

    port: int = 0
    scheme: str = "http"
    requests: list[Request] = field(default_factory=list)
    rules: list[tuple[re.Pattern[str], Behaviour]] = field(default_factory=list)
    content: dict[str, Blob] = field(default_factory=dict)
    connections: int = 0
    broken_off: int = 0
    """Answers that nobody waited for to the end."""

    @property
    def host(self) -> str:
        """Host and port."""
        return f"localhost:{self.port}"

    @property
    def url(self) -> str:
        """Scheme, host and port."""
        return f"{self.scheme}://{self.host}"

    @property
    def lines(self) -> list[str]:
        """What was asked, without queries."""
        return [request.line for request in self.requests]

    def put(self, content: Image | Index, tag: str = "1", repository: str = "team/app") -> None:
        """Have an image or an index."""
        root = f"/v2/{repository}"
        if isinstance(content, Image):
            for blob in (content.config, *content.layers):
                self.content[f"{root}/blobs/{blob.digest}"] = blob
            top = content.manifest
        else:
            for image in content.images:
                self.put(image, "", repository)
            for index in content.indexes:
                self.put(index, "", repository)
            top = content.index
        if tag:
            self.content[f"{root}/manifests/{tag}"] = top
        self.content[f"{root}/manifests/{top.digest}"] = top

    def on(self, pattern: str, behaviour: Behaviour) -> None:
        """Do something else for requests whose `line` has the pattern; the last one counts."""
        self.rules.append((re.compile(pattern), behaviour))

    async def answer(self, request: Request, writer: asyncio.StreamWriter) -> None:
        """Answer as the rules say, else with what there is."""
        for pattern, behaviour in reversed(self.rules):
            if pattern.search(request.line):
                await behaviour(request, writer)
                return
        await self.honestly(request, writer)

    async def honestly(self, request: Request, writer: asyncio.StreamWriter) -> None:
        """Answer as a sound registry does."""
        blob = self.content.get(request.path.partition("?")[0])
        if blob is None:
            await says(404, MISSING, Content_Type="application/json")(request, writer)
            return
        headers = {"Content-Type": blob.media_type, "Docker-Content-Digest": blob.digest}
        writer.write(response(200, blob.content, headers, head=request.method == "HEAD"))

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something has come true here. Raises TimeoutError."""
        async with asyncio.timeout(PATIENCE):
            while not condition():  # noqa: ASYNC110  # whatever the condition is about
                await asyncio.sleep(0.001)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self.connections += 1
        try:
            while (request := await _request(reader)) is not None:
                self.requests.append(request)
                await self.answer(request, writer)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            self.broken_off += 1
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()


async def _request(reader: asyncio.StreamReader) -> Request | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines if line)
    originals = dict(line.split(": ", 1) for line in lines if line)
    method, path, _ = first.split(" ")
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Request(method, path, {name.lower(): text for name, text in originals.items()}, body)


@asynccontextmanager
async def running(context: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    """A server on a free port of 127.0.0.1, stopped at the end."""
    server = Server(scheme="https" if context else "http")
    handlers: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        handlers.add(task)
        with suppress(asyncio.CancelledError):
            await server.handle(reader, writer)

    listener = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=context)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        for task in handlers:
            task.cancel()
        await asyncio.gather(*handlers, return_exceptions=True)


@asynccontextmanager
async def asking(
    *servers: Server, lookup: Lookup | None = None, **settings: Any
) -> AsyncIterator[Client]:
    """A client that may ask the servers; keywords are further settings."""
    hosts = frozenset(server.host for server in servers)
    plain = frozenset(server.host for server in servers if server.scheme == "http")
    merged = {"plain_http": plain, "local": hosts} | settings
    async with asyncio.timeout(PATIENCE), connect(Settings(**merged), lookup) as client:
        yield client


def soon(seconds: float = PATIENCE) -> float:
    """A deadline."""
    return asyncio.get_running_loop().time() + seconds


def response(
    status: int, body: bytes = b"", headers: Mapping[str, str] | None = None, *, head: bool = False
) -> bytes:
    """An HTTP response; to a HEAD request without its body."""
    fields = {"Content-Length": str(len(body))} | dict(headers or {})
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
    lines += [f"{name}: {value}" for name, value in fields.items()]
    return "\r\n".join([*lines, "", ""]).encode() + (b"" if head else body)


def says(status: int, body: bytes = b"", **headers: str) -> Behaviour:
    """A behaviour that always answers the same; `_` in a header's name is a dash."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    async def behave(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(response(status, body, named, head=request.method == "HEAD"))

    return behave


def writes(data: bytes, *, closes: bool = True) -> Behaviour:
    """A behaviour that answers bytes as they are."""

    async def behave(_request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        if closes:
            await writer.drain()
            writer.close()

    return behave


def drips(data: bytes, piece: bytes, seconds: float = 0.01) -> Behaviour:
    """A behaviour that begins with data and then goes on for ever, piece by piece."""

    async def behave(_request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        while True:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(seconds)

    return behave


def floods(data: bytes, piece: bytes) -> Behaviour:
    """A behaviour that sends as fast as it can, for ever."""
    return drips(data, piece, 0)


async def hangs(_request: Request, _writer: asyncio.StreamWriter) -> None:
    """A behaviour that never answers."""
    await asyncio.Event().wait()
