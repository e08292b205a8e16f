import pytest

from nodeagent.kernel.compiler import Loaded
from nodeagent.kernel.errors import KernelError
from nodeagent.kernel.maps import Map


@pytest.fixture(name="numbers")
def fixture_numbers(loaded: Loaded) -> Map:
    """An empty map of four entries."""
    numbers = Map(loaded.maps["numbers"], 4, 8)
    for key in range(10):
        numbers.delete(key.to_bytes(4, "little"))
    return numbers


def test_what_was_put_is_there(numbers: Map) -> None:
    """Put, replaced, deleted."""
    key = b"\1\0\0\0"

    assert numbers.get(key) is None
    numbers.put(key, b"12345678")
    assert numbers.get(key) == b"12345678"
    numbers.put(key, b"abcdefgh")
    assert numbers.get(key) == b"abcdefgh"
    numbers.delete(key)
    assert numbers.get(key) is None
    numbers.delete(key)


def test_a_full_map_is_an_error(numbers: Map) -> None:
    """There is room for four; the fifth is refused, the four stay."""
    for key in range(4):
        numbers.put(key.to_bytes(4, "little"), b"12345678")

    with pytest.raises(KernelError, match="bpf map"):
        numbers.put(b"\5\0\0\0", b"12345678")

    assert numbers.get(b"\3\0\0\0") == b"12345678"


def test_what_is_no_map_is_an_error() -> None:
    """The kernel says so."""
    with pytest.raises(KernelError, match="bpf map"):
        Map(0, 4, 8).get(b"\0\0\0\0")
