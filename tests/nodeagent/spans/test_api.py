from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanKind, StatusCode

from nodeagent.probes import api
from nodeagent.probes.api import ApiSpan
from nodeagent.spans.api import api_span
from nodeagent.spans.encoding import encode
from nodeagent.spans.span import Where
from tests.nodeagent.spans.requests import HEAD

_SPAN = ApiSpan(
    head=HEAD,
    name="work",
    tracer="shop/basket",
    attributes={"items": 7, "paid": True, "price": 2.5, "name": "tea"},
    status=api.StatusCode.UNSET,
    description="",
    error="",
    error_at=0,
    dropped=0,
)


def _span(**changes: Any) -> ReadableSpan:
    return api_span(_SPAN._replace(**changes), Where(Resource({}), 1_000_000))


def test_a_span_is_as_the_program_made_it() -> None:
    """Its name, attributes and scope; nothing of ours."""
    span = _span()

    assert (span.name, span.kind) == ("work", SpanKind.INTERNAL)
    assert span.attributes == _SPAN.attributes
    assert span.status.status_code is StatusCode.UNSET
    assert span.instrumentation_scope is not None
    assert span.instrumentation_scope.name == "shop/basket"
    assert not span.events


def test_an_error_has_its_description() -> None:
    """Only an error's status has one."""
    error = _span(status=api.StatusCode.ERROR, description="it failed").status
    fine = _span(status=api.StatusCode.OK, description="it is fine").status

    assert (error.status_code, error.description) == (StatusCode.ERROR, "it failed")
    assert (fine.status_code, fine.description) == (StatusCode.OK, None)


def test_an_error_that_was_recorded_is_an_event() -> None:
    """By its type, at its time."""
    [event] = _span(error="*fs.PathError", error_at=2_000).events
    [unknown] = _span(error_at=2_000).events

    assert (event.name, event.timestamp) == ("exception", 1_002_000)
    assert dict(event.attributes or {}) == {"exception.type": "*fs.PathError"}
    assert dict(unknown.attributes or {}) == {"exception.type": "error"}


def test_what_was_left_out_is_said() -> None:
    """As an attribute: nobody else would tell."""
    assert (_span(dropped=3).attributes or {})["spanhook.dropped_attributes"] == 3


def test_such_spans_are_sent() -> None:
    """With events, descriptions and floating-point numbers."""
    span = _span(
        error="*fs.PathError", error_at=2_000, status=api.StatusCode.ERROR, description="x"
    )

    [resource] = ExportTraceServiceRequest.FromString(encode([span])).resource_spans
    [sent] = resource.scope_spans[0].spans

    assert (sent.name, sent.status.message, sent.events[0].name) == ("work", "x", "exception")
