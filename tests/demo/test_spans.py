import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1 import trace_pb2

from demo.spans import Span, Value, spans_of
from tests.demo.shapes import span


def _text(key: str, value: str) -> KeyValue:
    return KeyValue(key=key, value=AnyValue(string_value=value))


def _request(*spans: trace_pb2.Span) -> ExportTraceServiceRequest:
    return ExportTraceServiceRequest(
        resource_spans=[
            trace_pb2.ResourceSpans(
                resource=Resource(attributes=[_text("service.name", "cart")]),
                scope_spans=[trace_pb2.ScopeSpans(spans=spans)],
            )
        ]
    )


def test_a_span_is_read_from_otlp() -> None:
    """Identifiers in hexadecimal, kind and status by name, the service from the resource."""
    sent = trace_pb2.Span(
        trace_id=b"\x01" * 16,
        span_id=b"\x02" * 8,
        parent_span_id=b"\x03" * 8,
        name="GET /",
        kind=trace_pb2.Span.SPAN_KIND_CLIENT,
        start_time_unix_nano=5,
        end_time_unix_nano=9,
        status=trace_pb2.Status(code=trace_pb2.Status.STATUS_CODE_ERROR),
        attributes=[
            KeyValue(key="http.status_code", value=AnyValue(int_value=502)),
            KeyValue(key="list", value=AnyValue(array_value=ArrayValue())),
        ],
    )

    [read] = spans_of(_request(sent))

    assert read == Span(
        trace="01" * 16,
        id="02" * 8,
        parent="03" * 8,
        service="cart",
        name="GET /",
        kind="client",
        start=5,
        end=9,
        status="error",
        attributes={"http.status_code": 502, "list": None},
    )


def test_a_root_has_no_parent() -> None:
    """An absent parent is the empty text; an unspecified kind is internal."""
    [read] = spans_of(_request(trace_pb2.Span(trace_id=b"\x01" * 16, span_id=b"\x02" * 8)))

    assert (read.parent, read.kind, read.status) == ("", "internal", "unset")


def test_a_resource_without_a_service_name() -> None:
    """The service is then unknown, not empty."""
    request = _request(trace_pb2.Span())
    request.resource_spans[0].resource.Clear()

    assert [read.service for read in spans_of(request)] == ["unknown"]


@pytest.mark.parametrize(
    "attributes",
    [
        {"http.request.method": "GET", "http.response.status_code": 404, "url.path": "/x"},
        {"http.method": "GET", "http.status_code": 404, "http.target": "/x"},
    ],
    ids=["new conventions", "old conventions"],
)
def test_both_http_conventions_are_read(attributes: dict[str, Value]) -> None:
    """Agents of different languages write different names for the same."""
    read = Span("t", "1", "", "s", "n", "server", 0, 1, "unset", attributes)

    assert (read.http_method, read.http_status, read.http_path) == ("GET", 404, "/x")


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (span("1"), False),
        (span("1", status="error"), True),
        (Span("t", "1", "", "s", "n", "server", 0, 1, "unset", {"http.status_code": 500}), True),
        (Span("t", "1", "", "s", "n", "server", 0, 1, "unset", {"http.status_code": 404}), False),
    ],
    ids=["plain", "says so", "5xx", "4xx"],
)
def test_failed(one: Span, expected: bool) -> None:
    """A span failed when it says so or answered 5xx; a 404 may be what was wanted."""
    assert one.failed is expected


def test_a_clock_that_went_back_gives_no_negative_duration() -> None:
    """Durations are never below zero."""
    assert span("1", start=5, end=3).duration == 0
