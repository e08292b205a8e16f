"""Uncompressing layers piece by piece."""

import gzip
import itertools
import zlib
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.compression import STEP, Gzip, Plain, Reader, Zstd, reader
from registry.errors import Malformed
from tests.registry.images import zstd_frame, zstd_skippable

BOMB = bytes(16 << 20)
COMPRESSORS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "zstd": zstd_frame,
    "plain": bytes,
}
KINDS: dict[str, Callable[[], Reader]] = {"gzip": Gzip, "zstd": Zstd, "plain": Plain}


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    """Data in pieces of a size."""
    return (data[at : at + size] for at in range(0, len(data), size))


def read(found: Reader, compressed: bytes, size: int = 1000) -> bytes:
    """All that comes out when data goes in by pieces."""
    output = b""
    for piece in pieces(compressed, size):
        found.feed(piece)
        while part := found.read():
            assert len(part) <= STEP
            output += part
    return output


@pytest.mark.parametrize("name", COMPRESSORS)
def test_first_bytes_tell(name: str) -> None:
    """The format is told by the content, whatever the media type says."""
    assert type(reader(COMPRESSORS[name](b"content"))) is KINDS[name]


def test_skippable_frames_are_zstd() -> None:
    """zstd:chunked begins with a frame that gives nothing."""
    data = zstd_skippable(b"index") + zstd_frame(b"content") + zstd_skippable(b"more")

    assert read(reader(data[:4]), data) == b"content"


@pytest.mark.parametrize("data", [b"", b"\x1f", b"P", b"\0" * 4], ids=["none", "1", "P", "0"])
def test_short_content_is_plain(data: bytes) -> None:
    """What is too short to tell is taken as it is."""
    assert isinstance(reader(data), Plain)


@given(
    st.sampled_from(sorted(COMPRESSORS)),
    st.lists(st.binary(max_size=300), min_size=1, max_size=4),
    st.integers(1, 400),
)
def test_round_trip(name: str, parts: list[bytes], size: int) -> None:
    """Members and frames in a row, in pieces of any size, give what went into them."""
    found = KINDS[name]()

    assert read(found, b"".join(map(COMPRESSORS[name], parts)), size) == b"".join(parts)
    assert found.is_complete


@pytest.mark.parametrize("name", ["gzip", "zstd"])
def test_a_bomb_comes_in_steps(name: str) -> None:
    """One small piece that unpacks to megabytes never gives more than a step at a time."""
    found = KINDS[name]()
    found.feed(COMPRESSORS[name](BOMB))

    first = [len(part) for part in itertools.islice(iter(found.read, b""), 5)]

    assert first == [STEP] * 5


@pytest.mark.parametrize("name", ["gzip", "zstd"])
def test_all_of_a_bomb(name: str) -> None:
    """Reading on gives all of it."""
    assert read(KINDS[name](), COMPRESSORS[name](BOMB), 1 << 20) == BOMB


@pytest.mark.parametrize("name", ["gzip", "zstd"])
def test_broken_off(name: str) -> None:
    """Where the input ends in the middle, it is known to be incomplete."""
    found = KINDS[name]()
    read(found, COMPRESSORS[name](b"content" * 100)[:-5])

    assert not found.is_complete


@pytest.mark.parametrize("name", ["gzip", "zstd"])
def test_damaged(name: str) -> None:
    """Damage is a fault of the layer."""
    data = bytearray(COMPRESSORS[name](bytes(range(256)) * 20))
    data[8:40] = b"\xff" * 32

    with pytest.raises(Malformed, match="no sound"):
        read(KINDS[name](), bytes(data))


def test_padding_after_gzip() -> None:
    """Zeros behind the last member are padding."""
    found = Gzip()

    assert read(found, gzip.compress(b"x") + bytes(700)) == b"x"
    assert found.is_complete


def test_rubbish_after_gzip() -> None:
    """Anything else behind a member is damage."""
    with pytest.raises(Malformed):
        read(Gzip(), gzip.compress(b"x") + b"rubbish")


def test_huge_windows_are_refused() -> None:
    """A zstd frame that asks for gigabytes of window gets none of them."""
    # Frame header: no single segment, no checksum, no content size; window descriptor of 2 GiB.
    frame = b"\x28\xb5\x2f\xfd" + b"\x00" + bytes([(31 - 10) << 3]) + b"\x01\x00\x00"

    with pytest.raises(Malformed):
        read(Zstd(), frame)


@given(st.sampled_from(sorted(KINDS)), st.binary(max_size=400))
def test_any_bytes_are_survived(name: str, data: bytes) -> None:
    """Bytes give other bytes, or a fault."""
    head = {"gzip": b"\x1f\x8b\x08\0", "zstd": b"\x28\xb5\x2f\xfd", "plain": b""}[name]
    try:
        output = read(KINDS[name](), head + data, 50)
    except Malformed:
        return
    assert isinstance(output, bytes)


def test_zlib_is_no_gzip() -> None:
    """A stream of zlib has no mark; it is taken as it is, and is no archive then."""
    assert isinstance(reader(zlib.compress(b"x")), Plain)
