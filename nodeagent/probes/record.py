"""What the BPF programs hand over: a head, a probe's own facts, texts. See records.bpf.h."""

from collections.abc import Iterable, Iterator
from struct import Struct
from typing import NamedTuple

TEXTS = 6
FACTS = 16
"""Bytes of a probe's own facts."""

# struct record: kind, start, end; the context's trace_id, span_id, parent_id, flags, remote;
# process; lengths of the texts. The probe's own facts follow, then the texts.
_HEAD = Struct(f"=QQQ16s8s8sBB6xI{TEXTS}H")
SIZE = _HEAD.size + FACTS
"""Bytes in front of the texts."""


class Head(NamedTuple):
    """What every span has. A tuple: there are many thousands a second.

    Times are nanoseconds of the monotonic clock. `parent_id` is 0 at the root of a trace; `remote`
    tells of a parent in another process.
    """

    start: int
    end: int
    trace_id: int
    span_id: int
    parent_id: int
    remote: bool
    process: int


class Record(NamedTuple):
    """A record's parts; a text is cut to what the record has room for, or empty."""

    head: Head
    facts: bytes
    texts: tuple[str, ...]
    rest: bytes = b""
    """What stands behind the texts, as the probe has it."""


def read(record: bytes) -> Record:
    """The parts of a record. Raises struct.error when it is shorter than any."""
    parts = _HEAD.unpack_from(record)
    _, start, end, trace_id, span_id, parent_id, _, remote, process = parts[:9]
    head = Head(
        *(start, end),
        *(int.from_bytes(trace_id), int.from_bytes(span_id), int.from_bytes(parent_id)),
        *(bool(remote), process),
    )
    behind = SIZE + sum(parts[9:])
    texts = tuple(_texts(record, parts[9:]))
    return Record(head, record[_HEAD.size : SIZE], texts, record[behind:])


def _texts(record: bytes, lengths: Iterable[int]) -> Iterator[str]:
    place = SIZE
    for length in lengths:
        yield record[place : place + length].decode(errors="replace") if length else ""
        place += length
