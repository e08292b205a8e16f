"""Spans as the demo looks at them, and how they are read from an OTLP request.

Agents write HTTP attributes by the old or by the new semantic conventions (Python the old ones,
`http.method`, unless told otherwise; Node.js and Java the new ones, `http.request.method`): what
reads them has to know both.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1 import trace_pb2

Kind = Literal["internal", "server", "client", "producer", "consumer"]
Status = Literal["unset", "ok", "error"]
Value = str | int | float | bool | None

_KINDS: Mapping[int, Kind] = {2: "server", 3: "client", 4: "producer", 5: "consumer"}
_STATUSES: Mapping[int, Status] = {1: "ok", 2: "error"}

_METHOD = ("http.request.method", "http.method")
_STATUS_CODE = ("http.response.status_code", "http.status_code")
_PATH = ("url.path", "http.target", "http.url", "url.full")


@dataclass(frozen=True, slots=True)
class Span:
    """One span. Times are nanoseconds since 1970, identifiers are hexadecimal, "" is no parent."""

    trace: str
    id: str
    parent: str
    service: str
    name: str
    kind: Kind
    start: int
    end: int
    status: Status = "unset"
    attributes: Mapping[str, Value] = field(default_factory=dict)

    @property
    def duration(self) -> int:
        """Nanoseconds from start to end; a clock that went back gives 0."""
        return max(0, self.end - self.start)

    @property
    def http_method(self) -> str | None:
        """The request's method, by either convention."""
        return _text(self._first(_METHOD))

    @property
    def http_status(self) -> int | None:
        """The response's status code, by either convention."""
        found = self._first(_STATUS_CODE)
        return found if isinstance(found, int) else None

    @property
    def http_path(self) -> str | None:
        """The request's path (or target, or URL), by either convention."""
        return _text(self._first(_PATH))

    @property
    def failed(self) -> bool:
        """Whether the span says so itself, or answered with a 5xx."""
        return self.status == "error" or (self.http_status or 0) >= 500  # noqa: PLR2004

    def _first(self, names: Iterable[str]) -> Value:
        return next((self.attributes[name] for name in names if name in self.attributes), None)


def spans_of(request: ExportTraceServiceRequest) -> Iterator[Span]:
    """All spans of an export request, in its order."""
    for resource in request.resource_spans:
        service = str(_attributes(resource.resource.attributes).get("service.name", "unknown"))
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield _span(span, service)


def _span(span: trace_pb2.Span, service: str) -> Span:
    return Span(
        trace=span.trace_id.hex(),
        id=span.span_id.hex(),
        parent=span.parent_span_id.hex(),
        service=service,
        name=span.name,
        kind=_KINDS.get(span.kind, "internal"),
        start=span.start_time_unix_nano,
        end=span.end_time_unix_nano,
        status=_STATUSES.get(span.status.code, "unset"),
        attributes=_attributes(span.attributes),
    )


def _attributes(attributes: Iterable[KeyValue]) -> dict[str, Value]:
    return {attribute.key: _value(attribute.value) for attribute in attributes}


def _value(value: AnyValue) -> Value:
    # Lists, maps and bytes have no use here.
    chosen = value.WhichOneof("value")
    if chosen in ("string_value", "int_value", "double_value", "bool_value"):
        scalar: Value = getattr(value, chosen)
        return scalar
    return None


def _text(value: Value) -> str | None:
    return None if value is None else str(value)
