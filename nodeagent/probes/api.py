"""Spans that programs make with the OpenTelemetry API, without an SDK. See api.bpf.c.

A program with an SDK has its own spans, exports them itself, and is left alone. What is asked of a
span by other means than its methods (its kind, links, events) is not seen.
"""

from collections.abc import Iterator
from enum import IntEnum
from struct import Struct, error
from typing import NamedTuple

from nodeagent.probes.probe import Descriptor, Field, Hook, Probe
from nodeagent.probes.record import Head, Record

_GLOBAL = "go.opentelemetry.io/otel/internal/global"
_TRACE = "go.opentelemetry.io/otel/trace"
_ATTRIBUTE = "go.opentelemetry.io/otel/attribute"
_TRACER = (f"{_GLOBAL}.tracer",)
_PAIR = (f"{_ATTRIBUTE}.KeyValue",)
_VALUE = (f"{_ATTRIBUTE}.Value",)
_NEW_SPAN = f"{_GLOBAL}.(*tracer).newSpan"  # since 1.33

# struct api: status, dropped, error. struct entry_head: entry, lengths of key and value.
_FACTS = Struct("=IIQ")
_ENTRY = Struct("=BBBx")
_BOOL, _INTEGER, _FLOAT, _STRING, _RENAMED, _DESCRIPTION, _ERROR = 1, 2, 3, 4, 16, 17, 18
_NUMBERS = {_BOOL: Struct("=?7x"), _INTEGER: Struct("=q"), _FLOAT: Struct("=d")}


class StatusCode(IntEnum):
    """By the numbers of Go's API."""

    UNSET = 0
    ERROR = 1
    OK = 2


class ApiSpan(NamedTuple):
    """A span that has ended.

    `error` is the type of the last error that was recorded on it, `error_at` when that was
    (nanoseconds of the monotonic clock), 0 for never; `dropped` counts attributes for which there
    was no room, or that are lists.
    """

    head: Head
    name: str
    tracer: str
    attributes: dict[str, str | bool | int | float]
    status: StatusCode
    description: str
    error: str
    error_at: int
    dropped: int


def read(record: Record) -> ApiSpan:
    """The span that a record tells of. Raises struct.error when it is shorter than any."""
    code, dropped, error_at = _FACTS.unpack_from(record.facts)
    name, tracer, *_ = record.texts
    texts = {_RENAMED: name, _DESCRIPTION: "", _ERROR: ""}
    attributes: dict[str, str | bool | int | float] = {}
    for entry, key, value in _entries(record.rest):
        if entry in texts:
            texts[entry] = _text(value)
        elif entry == _STRING:
            attributes[_text(key)] = _text(value)
        elif entry in _NUMBERS and len(value) == _NUMBERS[entry].size:
            [attributes[_text(key)]] = _NUMBERS[entry].unpack(value)
    return ApiSpan(
        *(record.head, texts[_RENAMED], tracer, attributes, _status(code)),
        *(texts[_DESCRIPTION], texts[_ERROR], error_at, dropped),
    )


def _entries(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Several goroutines may have written at one time: what is odd ends it."""
    place = 0
    while place < len(data):
        try:
            entry, key, value = _ENTRY.unpack_from(data, place)
        except error:
            return
        begin, place = place + _ENTRY.size, place + _ENTRY.size + key + value
        yield entry, data[begin : begin + key], data[begin + key : place]


def _text(data: bytes) -> str:
    return data.decode(errors="replace")


def _status(code: int) -> StatusCode:
    return StatusCode(code) if code in set(StatusCode) else StatusCode.UNSET


def _method(name: str, program: str) -> Hook:
    """A method that is not in the binary is one that is never called."""
    return Hook((f"{_GLOBAL}.(*nonRecordingSpan).{name}",), program, required=False)


API = Probe(
    name="OpenTelemetry API",
    source="api.bpf.c",
    hooks=(
        Hook((f"{_GLOBAL}.(*nonRecordingSpan).End",), "api_end"),
        Hook((_NEW_SPAN,), "api_new_span", required=False),
        Hook((_NEW_SPAN,), "api_started", required=False, at_returns=True),
        Hook((f"{_GLOBAL}.(*tracer).Start",), "api_start", unless=_NEW_SPAN),
        Hook((f"{_GLOBAL}.(*tracer).Start",), "api_started", at_returns=True, unless=_NEW_SPAN),
        _method("SetAttributes", "api_set_attributes"),
        _method("SetName", "api_set_name"),
        _method("SetStatus", "api_set_status"),
        _method("RecordError", "api_record_error"),
    ),
    fields=(
        Field("api_tracer", _TRACER, "name"),
        Field("api_delegate", _TRACER, "delegate"),
        Field("api_context_value", ("context.valueCtx",), "val"),
        Field("api_value", _PAIR, "Value"),
        Field("api_type", _VALUE, "vtype"),
        Field("api_number", _VALUE, "numeric"),
        Field("api_string", _VALUE, "stringly"),
        Field("api_slice", _VALUE, "slice"),
    ),
    descriptors=(
        Descriptor("api_option_type", f"{_TRACE}.SpanStartOption"),
        Descriptor("api_attributes_type", f"{_TRACE}.attributeOption"),
        Descriptor("api_error_type", "error"),
    ),
    facts=_FACTS,
    read=read,
)
