"""A real server in a thread, and a client that sees every byte."""

import json
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPResponse
from pathlib import Path
from typing import Any, Self

from certs.directory import Directory
from tests.waiting import until
from webhook.server.endpoint import LOOPBACK, Endpoint
from webhook.server.limits import Limits
from webhook.server.listener import Listener
from webhook.server.standalone import Options, listener

PATIENCE = 30.0
"""Seconds until a test gives up; none of them waits that long when all is well."""

POD: dict[str, Any] = {
    "metadata": {
        "generateName": "cart-",
        "annotations": {"spanhook.dev/languages": "app=python"},
    },
    "spec": {"containers": [{"name": "app", "image": "shop/cart:1"}]},
}


def review(uid: str = "u-1", **request: Any) -> dict[str, Any]:
    """An AdmissionReview of `POD`; keywords replace fields of its request."""
    fields = {
        "uid": uid,
        "kind": {"group": "", "version": "v1", "kind": "Pod"},
        "namespace": "shop",
        "operation": "CREATE",
        "object": POD,
    }
    request = {name: value for name, value in (fields | request).items() if value is not None}
    return {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request}


def post(body: bytes, **headers: str) -> bytes:
    """A POST to /mutate as bytes; keywords replace or, when empty, drop headers."""
    named = {
        "Host": "localhost",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"{name}: {value}" for name, value in named.items() if value]
    return "\r\n".join(["POST /mutate HTTP/1.1", *lines, "", ""]).encode() + body


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP response."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body parsed."""
        return json.loads(self.body)

    @property
    def closes(self) -> bool:
        """Whether the server says that it closes the connection."""
        return self.headers.get("connection", "").lower() == "close"


class Client:
    """One TLS connection."""

    def __init__(self, port: int, context: ssl.SSLContext, address: str = LOOPBACK) -> None:
        raw = socket.create_connection((address, port), timeout=PATIENCE)
        try:
            self.socket = context.wrap_socket(raw, server_hostname="localhost")
        except BaseException:
            raw.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.socket.sendall(data)

    def reply(self, method: str = "POST") -> Reply:
        """Wait for a response."""
        response = HTTPResponse(self.socket, method=method)
        response.begin()
        headers = {name.lower(): value for name, value in response.getheaders()}
        reply = Reply(response.status, headers, response.read())
        response.close()
        return reply

    def post(self, document: Any, **headers: str) -> Reply:
        """Post a document, or bytes as they are, to /mutate."""
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        self.send(post(body, **headers))
        return self.reply()

    def get(self, path: str) -> Reply:
        """Get a path."""
        self.send(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        return self.reply("GET")

    def closed(self) -> bool:
        """Wait until the server has closed; False if it sends something else instead."""
        try:
            return self.socket.recv(1) == b""
        except (ConnectionResetError, ssl.SSLError):
            return True


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs."""

    listener: Listener
    port: int
    cert_dir: Path
    announced: list[str] = field(default_factory=list)

    @property
    def trust(self) -> ssl.SSLContext:
        """What a client needs to believe the server."""
        return trusting(self.cert_dir)

    def client(self, address: str = LOOPBACK) -> Client:
        """A new connection."""
        return Client(self.port, self.trust, address)

    def metric(self, line: str) -> float:
        """The value of a metric by its line up to the value, 0 where there is none yet."""
        with self.client() as client:
            exposition = client.get("/metrics").body.decode()
        values = [
            text.removeprefix(f"{line} ")
            for text in exposition.splitlines()
            if text.startswith(f"{line} ")
        ]
        return float(values[0]) if values else 0.0


def trusting(cert_dir: Path) -> ssl.SSLContext:
    """A client's context that trusts the authority in the directory."""
    return ssl.create_default_context(cafile=Directory(cert_dir).authority_file)


@contextmanager
def serving(
    directory: Path, limits: Limits | None = None, host: str = LOOPBACK, port: int = 0
) -> Iterator[Server]:
    """A server, by default on a free port, stopped at the end."""
    announced: list[str] = []
    ready = threading.Event()

    def announce(line: str) -> None:
        announced.append(line)
        ready.set()

    cert_dir = directory / "certs"
    limits = limits or Limits(linger_seconds=0)
    endpoint = Endpoint(host, port, limits=limits, log_level="error")
    options = Options(endpoint, cert_dir=cert_dir)
    server = listener(options, announce)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        assert ready.wait(PATIENCE), "the server did not get ready"
        bound = int(announced[0].partition("/mutate")[0].rpartition(":")[2])
        yield Server(server, bound, cert_dir, announced)
    finally:
        server.should_exit = True
        thread.join(PATIENCE)
        assert not thread.is_alive(), "the server did not stop"


def first_line(process: "subprocess.Popen[str]", log: Path) -> str:
    """What a process says first, by the file that holds what it says. Raises AssertionError."""
    until(lambda: "\n" in log.read_text() or process.poll() is not None, "a first line", PATIENCE)
    said = log.read_text()
    assert "\n" in said, f"ended with {process.returncode}, and said {said!r}"
    return said.splitlines()[0]
