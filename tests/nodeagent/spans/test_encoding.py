import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceState
from opentelemetry.util.types import AttributeValue

from nodeagent.spans import encoding
from nodeagent.spans.encoding import encode
from nodeagent.spans.http import server_span
from nodeagent.spans.span import Where
from tests.nodeagent.spans.requests import REQUEST

_RESOURCES = [Resource({"service.name": "shop"}), Resource({"process.pid": 7}, "https://schema")]
_SCOPES = [
    InstrumentationScope("spanhook.dev/net/http", schema_url="https://schema/1"),
    InstrumentationScope("other", "1.0", attributes={"a": 1}),
    None,
]

_text = st.text(max_size=300)
_values: st.SearchStrategy[AttributeValue] = st.one_of(
    _text,
    st.booleans(),
    st.integers(-(1 << 63), (1 << 63) - 1),
    st.floats(allow_nan=False),
    st.lists(_text, max_size=3),
)
_contexts = st.builds(
    SpanContext,
    st.integers(1, (1 << 128) - 1),
    st.integers(1, (1 << 64) - 1),
    st.booleans(),
    trace_state=st.sampled_from([None, TraceState([("a", "b")])]),
)
_times = st.integers(0, (1 << 64) - 1)
_spans = st.builds(
    ReadableSpan,
    name=_text,
    context=_contexts,
    parent=st.none() | _contexts,
    resource=st.sampled_from(_RESOURCES),
    attributes=st.dictionaries(_text, _values, max_size=8),
    kind=st.sampled_from(SpanKind),
    status=st.sampled_from([*map(Status, StatusCode), Status(StatusCode.ERROR, "no")]),
    start_time=_times,
    end_time=_times,
    instrumentation_scope=st.sampled_from(_SCOPES),
    events=st.sampled_from([(), (Event("e", {"a": 1}, 3),)]),
    links=st.sampled_from([(), (Link(SpanContext(1, 2, is_remote=False)),)]),
)


def parsed(spans: Sequence[ReadableSpan]) -> ExportTraceServiceRequest:
    """What a receiver reads of our bytes."""
    return ExportTraceServiceRequest.FromString(encode(spans))


@given(st.lists(_spans, max_size=6))
def test_a_receiver_reads_what_the_sdks_encoder_writes(spans: list[ReadableSpan]) -> None:
    """Whatever spans have, of several resources and scopes, it is the same message."""
    assert parsed(spans) == encode_spans(spans)


@pytest.mark.parametrize(
    "value",
    [1, True, 0, False, -1, 127, 128, 1 << 31, "1", "", "é" * 70, 1.0, -0.0, ["a"]],
    ids=ascii,
)
def test_values_that_are_alike_are_told_apart(value: AttributeValue) -> None:
    """Equal keys of a cache are not equal values: 1 and True, 0.0 and -0.0."""
    same: list[AttributeValue] = [1, True, 1.0, 0, False, 0.0, "1", value]
    spans = [
        ReadableSpan(
            "s",
            SpanContext(1, 2, is_remote=False),
            resource=_RESOURCES[0],
            attributes={"a": one},
            start_time=1,
            end_time=1,
        )
        for one in same
    ]

    assert parsed(spans) == encode_spans(spans)
    written = parsed(spans).resource_spans[0].scope_spans[0].spans[-1].attributes[0].value
    if isinstance(value, float):
        assert math.copysign(1, written.double_value) == math.copysign(1, value)


def test_our_own_spans_need_no_other_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only for what a batch's spans have in common the SDK's encoder is asked."""
    asked: list[ReadableSpan] = []
    official = encoding._official

    def counted(span: ReadableSpan) -> ResourceSpans:
        asked.append(span)
        return official(span)

    monkeypatch.setattr(encoding, "_official", counted)
    where = Where(Resource({}), 0)
    spans = [server_span(REQUEST, where) for _ in range(10)]

    assert parsed(spans) == encode_spans(spans)
    assert len(asked) == 1
