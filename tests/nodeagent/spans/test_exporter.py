from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExportResult

from nodeagent.spans.exporter import Exporter
from nodeagent.spans.http import server_span
from nodeagent.spans.span import Where
from tests.nodeagent.spans.requests import REQUEST

_SPANS = [server_span(REQUEST, Where(Resource({"service.name": "shop"}), 0))] * 3


class _Receiver(HTTPServer):
    """Keeps what it gets; answers with these statuses, one after the other."""

    def __init__(self, *statuses: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.statuses = list(statuses)
        self.got: list[bytes] = []


class _Handler(BaseHTTPRequestHandler):
    server: _Receiver

    def do_POST(self) -> None:
        """Keep the body."""
        self.server.got.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(self.server.statuses.pop(0))
        self.send_header("Retry-After", "0")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def _receiving(*statuses: int) -> Iterator[tuple[_Receiver, Exporter]]:
    with _Receiver(*statuses) as receiver:
        thread = Thread(target=receiver.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        exporter = Exporter(f"http://127.0.0.1:{receiver.server_port}/v1/traces")
        try:
            yield receiver, exporter
        finally:
            exporter._client.shutdown()
            receiver.shutdown()
            thread.join()


def test_a_batch_arrives() -> None:
    """What is received is what the SDK's encoder would have sent."""
    with _receiving(200) as (receiver, exporter):
        assert exporter.export(_SPANS) is SpanExportResult.SUCCESS

        assert [ExportTraceServiceRequest.FromString(body) for body in receiver.got] == [
            encode_spans(_SPANS)
        ]


def test_a_busy_collector_is_asked_again() -> None:
    """The SDK's retries are kept."""
    with _receiving(503, 200) as (receiver, exporter):
        assert exporter.export(_SPANS) is SpanExportResult.SUCCESS
        assert len(receiver.got) == 2


def test_a_refusal_is_told() -> None:
    """A batch that the collector does not take is a failure."""
    with _receiving(400) as (_, exporter):
        assert exporter.export(_SPANS) is SpanExportResult.FAILURE


def test_an_older_exporter_sends_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the SDK has no client of its own to take bytes, its own way is taken."""
    asked: list[Sequence[ReadableSpan]] = []

    def export(_: OTLPSpanExporter, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        asked.append(spans)
        return SpanExportResult.SUCCESS

    monkeypatch.setattr(OTLPSpanExporter, "export", export)
    exporter = Exporter("http://127.0.0.1:1/v1/traces")
    exporter._client.shutdown()
    monkeypatch.delattr(exporter, "_client")

    assert exporter.export(_SPANS) is SpanExportResult.SUCCESS
    assert asked == [_SPANS]
