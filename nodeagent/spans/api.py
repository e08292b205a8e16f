"""Spans that programs make themselves: as they made them, with the scope that they named."""

from functools import lru_cache

from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanKind, Status, StatusCode

from nodeagent.probes import api
from nodeagent.spans.span import Where, span

_CODES = {
    api.StatusCode.UNSET: StatusCode.UNSET,
    api.StatusCode.ERROR: StatusCode.ERROR,
    api.StatusCode.OK: StatusCode.OK,
}
_DROPPED = "spanhook.dropped_attributes"


def api_span(seen: api.ApiSpan, where: Where) -> ReadableSpan:
    """The span that the program would have recorded, had it an SDK."""
    dropped = {_DROPPED: seen.dropped} if seen.dropped else {}
    return span(
        *(seen.head, where, _scope(seen.tracer), seen.name),
        kind=SpanKind.INTERNAL,
        attributes={**seen.attributes, **dropped},
        status=_status(seen),
        events=_events(seen, where.offset),
    )


@lru_cache(maxsize=1024)
def _scope(name: str) -> InstrumentationScope:
    return InstrumentationScope(name)


def _status(seen: api.ApiSpan) -> Status:
    """A description belongs to errors alone."""
    code = _CODES[seen.status]
    described = seen.description if code is StatusCode.ERROR else ""
    return Status(code, described or None)


def _events(seen: api.ApiSpan, offset: int) -> tuple[Event, ...]:
    """Of several errors the last one; what it says is not known, only its type."""
    if not seen.error_at:
        return ()
    attributes = {"exception.type": seen.error or "error"}
    return (Event("exception", attributes, seen.error_at + offset),)
