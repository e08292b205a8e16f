"""What spans of all kinds have in common."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, SpanKind, TraceFlags
from opentelemetry.trace.status import Status, StatusCode
from opentelemetry.util.types import AttributeValue

from nodeagent.probes.record import Head

SCHEMA = "https://opentelemetry.io/schemas/1.37.0"
"""Which semantic conventions the attributes follow."""

_SAMPLED = TraceFlags(TraceFlags.SAMPLED)
_UNSET = Status(StatusCode.UNSET)
_ERROR = Status(StatusCode.ERROR)


@dataclass(frozen=True, slots=True)
class Where:
    """Where a span comes from; `offset` makes its monotonic times the time of day, in ns."""

    resource: Resource
    offset: int


def scope(package: str) -> InstrumentationScope:
    """What is instrumented, by the Go package that it lies in."""
    return InstrumentationScope(f"spanhook.dev/{package}", schema_url=SCHEMA)


def span(  # noqa: PLR0913 - each is one of a span's own parts
    head: Head,
    where: Where,
    scope: InstrumentationScope,
    name: str,
    *,
    kind: SpanKind,
    attributes: Mapping[str, AttributeValue],
    is_error: bool = False,
    status: Status | None = None,
    events: Sequence[Event] = (),
) -> ReadableSpan:
    """A span with these parts, of a trace that is sampled; `status` says more than `is_error`."""
    trace_id = head.trace_id
    return ReadableSpan(
        name=name,
        context=SpanContext(trace_id, head.span_id, is_remote=False, trace_flags=_SAMPLED),
        parent=_parent(head),
        resource=where.resource,
        attributes=attributes,
        kind=kind,
        status=status or (_ERROR if is_error else _UNSET),
        events=events,
        start_time=head.start + where.offset,
        end_time=head.end + where.offset,
        instrumentation_scope=scope,
    )


def _parent(head: Head) -> SpanContext | None:
    if not head.parent_id:
        return None
    return SpanContext(head.trace_id, head.parent_id, is_remote=head.remote, trace_flags=_SAMPLED)
