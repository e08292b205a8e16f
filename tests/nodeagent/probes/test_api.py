import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodeagent.probes.api import ApiSpan, StatusCode, read
from nodeagent.probes.record import Head, Record

_HEAD = Head(start=5, end=9, trace_id=1, span_id=2, parent_id=3, remote=False, process=42)
_FACTS = struct.Struct("=IIQ")
_BOOL, _INTEGER, _FLOAT, _STRING, _RENAMED, _DESCRIPTION, _ERROR = 1, 2, 3, 4, 16, 17, 18


def _entry(kind: int, key: bytes, value: bytes) -> bytes:
    return bytes((kind, len(key), len(value), 0)) + key + value


def _record(rest: bytes = b"", status: int = 0, dropped: int = 0, error_at: int = 0) -> Record:
    facts = _FACTS.pack(status, dropped, error_at)
    return Record(_HEAD, facts, ("work", "shop/basket", "", "", "", ""), rest)


def test_a_record_is_read() -> None:
    """All that the kernel's side has written comes out as it was."""
    rest = b"".join(
        (
            _entry(_STRING, "größe".encode(), "größer".encode()),
            _entry(_INTEGER, b"items", struct.pack("=q", -7)),
            _entry(_BOOL, b"paid", b"\1" + bytes(7)),
            _entry(_FLOAT, b"price", struct.pack("=d", 2.5)),
            _entry(_RENAMED, b"", b"renamed"),
            _entry(_DESCRIPTION, b"", b"it failed"),
            _entry(_ERROR, b"", b"*errors.errorString"),
        )
    )

    assert read(_record(rest, status=1, dropped=2, error_at=7)) == ApiSpan(
        head=_HEAD,
        name="renamed",
        tracer="shop/basket",
        attributes={"größe": "größer", "items": -7, "paid": True, "price": 2.5},
        status=StatusCode.ERROR,
        description="it failed",
        error="*errors.errorString",
        error_at=7,
        dropped=2,
    )


def test_a_span_of_which_nothing_was_told_has_its_name() -> None:
    """The one that it was started with."""
    span = read(_record())

    assert (span.name, span.attributes, span.status) == ("work", {}, StatusCode.UNSET)


def test_the_last_value_of_a_key_counts() -> None:
    """As with the SDK."""
    rest = _entry(_STRING, b"a", b"first") + _entry(_STRING, b"a", b"last")

    assert read(_record(rest)).attributes == {"a": "last"}


@pytest.mark.parametrize("code", [3, 1 << 31])
def test_an_unknown_status_is_none(code: int) -> None:
    """A program may call it with any number."""
    assert read(_record(status=code)).status is StatusCode.UNSET


@given(st.binary(max_size=200))
def test_whatever_stands_behind_the_texts_is_read(rest: bytes) -> None:
    """Goroutines that write at one time leave behind what nobody meant."""
    assert read(_record(rest)).tracer == "shop/basket"
