"""A small OTLP receiver over HTTP: takes protobuf and JSON, keeps spans."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

SERVER, CLIENT = 2, 3

_KINDS = {"SPAN_KIND_INTERNAL": 1, "SPAN_KIND_SERVER": SERVER, "SPAN_KIND_CLIENT": CLIENT}


@dataclass(frozen=True, slots=True)
class Span:
    """One span: its resource's attributes, its scope's name, and the content type it came as."""

    name: str
    kind: int
    trace: str
    scope: str
    resource: Mapping[str, str]
    encoding: str


class Receiver:
    """Holds what arrived; `endpoint` is the base URL to export to."""

    def __init__(self, port: int) -> None:
        self.endpoint = f"http://127.0.0.1:{port}"
        self._spans: list[Span] = []
        self._arrived = threading.Condition()

    def add(self, spans: Iterable[Span]) -> None:
        """Keep `spans` and wake whoever waits."""
        with self._arrived:
            self._spans.extend(spans)
            self._arrived.notify_all()

    def spans(self, service: str) -> list[Span]:
        """Return what has arrived of a service."""
        with self._arrived:
            return [span for span in self._spans if span.resource.get("service.name") == service]

    def wait(self, service: str, wanted: Callable[[Span], bool], seconds: float = 15) -> Span:
        """Return the first span of `service` that is `wanted`; AssertionError after `seconds`."""

        def found() -> Span | None:
            return next((span for span in self.spans(service) if wanted(span)), None)

        with self._arrived:
            span = self._arrived.wait_for(found, seconds)
        assert span is not None, f"only {[(one.name, one.kind) for one in self.spans(service)]}"
        return span

    def server_span(self, service: str, name: str) -> Span:
        """Return the server span called `name`."""
        return self.wait(service, lambda span: span.kind == SERVER and span.name == name)


def _text(value: Mapping[str, Any]) -> str:
    return str(next(iter(value.values()), ""))


def _read(document: Mapping[str, Any], encoding: str) -> Iterator[Span]:
    for group in document.get("resourceSpans", ()):
        attributes = group.get("resource", {}).get("attributes", ())
        resource = {one["key"]: _text(one["value"]) for one in attributes}
        for scope in group.get("scopeSpans", ()):
            for span in scope["spans"]:
                kind = _KINDS.get(span.get("kind"), span.get("kind", 0))
                name = scope.get("scope", {}).get("name", "")
                yield Span(span["name"], kind, span["traceId"], name, resource, encoding)


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = _body(self)
            encoding = self.headers["Content-Type"]
            if self.path == "/v1/traces":
                receiver.add(_read(_document(body, encoding), encoding))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def _body(request: BaseHTTPRequestHandler) -> bytes:
    length = request.headers["Content-Length"]
    if length is not None:
        return request.rfile.read(int(length))
    body = b""  # Node.js sends chunks
    while size := int(request.rfile.readline(), 16):
        body += request.rfile.read(size)
        request.rfile.readline()
    request.rfile.readline()
    return body


def _document(body: bytes, encoding: str) -> Mapping[str, Any]:
    if encoding == "application/json":
        document: Mapping[str, Any] = json.loads(body)
        return document
    return MessageToDict(ExportTraceServiceRequest.FromString(body))


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Run a receiver on loopback."""
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        receiver = Receiver(server.server_port)
        server.RequestHandlerClass = _handler(receiver)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()
