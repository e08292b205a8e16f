"""JSON from outside."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.documents import decode
from registry.errors import Malformed, TooLarge


def test_values_are_counted_before_they_are_parsed() -> None:
    """A document of small values is refused by their number, not by its size."""
    with pytest.raises(TooLarge, match="more than 1000 values"):
        decode(b"[" + b"[]," * 1000 + b"[]]", list[Any], 1000, "x")


def test_many_characters_are_fine() -> None:
    """A long string is one value."""
    text = "x" * 1_000_000

    assert decode(msgspec.json.encode({"a": text}), dict[str, str], 10, "x") == {"a": text}


_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=30,
)


def count(value: object) -> int:
    """The number of values in a document."""
    if isinstance(value, dict):
        return 1 + sum(map(count, value.values()))
    return 1 + sum(map(count, value)) if isinstance(value, list) else 1


@given(st.dictionaries(st.text(), _json))
def test_the_bound_holds(value: dict[str, Any]) -> None:
    """Whatever passes has at most one value more than the bound."""
    body = msgspec.json.encode(value)
    for bound in (0, 3, 10):
        try:
            found = decode(body, dict[str, Any], bound, "x")
        except TooLarge:
            continue
        assert count(found) <= bound + 1


@given(st.binary(max_size=300))
def test_any_bytes_are_survived(body: bytes) -> None:
    """Bytes are a document or a fault."""
    try:
        found = decode(body, dict[str, Any], 100, "x")
    except (Malformed, TooLarge):
        return
    assert isinstance(found, dict)
