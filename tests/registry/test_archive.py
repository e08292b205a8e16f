"""Whole archives, read from the front."""

import asyncio
import io
import tarfile
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.archive import LONGEST_HEAD, Archive, Entry
from registry.errors import BudgetSpent, Malformed, RegistryError, TooLarge
from tests.registry.tars import (
    DIRECTORY,
    END,
    LONG_NAME,
    LONG_TARGET,
    PAX,
    PAX_GLOBAL,
    SPARSE,
    SYMLINK,
    entry,
    padded,
    pax,
    signed,
)

MANY = 1_000_000


def opened(data: bytes, *, entries: int = MANY, piece: int = 1000) -> Archive:
    """An archive whose bytes come in pieces."""
    parts: Iterator[bytes] = (data[at : at + piece] for at in range(0, len(data), piece))

    async def source() -> bytes:
        return next(parts, b"")

    return Archive(source, entries)


def listed(
    data: bytes, *, head: int = 0, entries: int = MANY, piece: int = 1000
) -> list[tuple[Entry, bytes]]:
    """All entries, with the first bytes of each."""

    async def scenario() -> list[tuple[Entry, bytes]]:
        archive = opened(data, entries=entries, piece=piece)
        found = []
        while (one := await archive.next()) is not None:
            found.append((one, await archive.head(head)))
        return found

    return asyncio.run(scenario())


def paths(data: bytes) -> list[str]:
    """The paths of all entries."""
    return [one.path for one, _ in listed(data)]


def test_entries() -> None:
    """Entries come in order, with what their headers say."""
    data = (
        entry(b"app/", flag=DIRECTORY, mode=b"0000755\0")
        + entry(b"app/a.py", b"hello")
        + entry(b"app/b", flag=SYMLINK, target=b"../a.py")
        + END
    )

    assert [one for one, _ in listed(data)] == [
        Entry("app", "directory", 0, 0o755),
        Entry("app/a.py", "file", 5, 0o644),
        Entry("app/b", "symlink", 0, 0o644, "../a.py"),
    ]


def test_heads() -> None:
    """The first bytes of a file are given on demand; what is not asked for is passed over."""
    data = entry(b"a", b"x" * 5000) + entry(b"b", b"yz") + entry(b"c") + END

    assert [head for _, head in listed(data, head=10)] == [b"x" * 10, b"yz", b""]


def test_head_again() -> None:
    """More of the same file may be asked for later."""

    async def scenario() -> None:
        archive = opened(entry(b"a", b"0123456789" * 100) + entry(b"b", b"z") + END)
        await archive.next()
        assert await archive.head(4) == b"0123"
        assert await archive.head(12) == b"012345678901"
        assert await archive.head(2) == b"01"
        assert len(await archive.head(5000)) == 1000
        following = await archive.next()
        assert following is not None
        assert following.path == "b"
        assert await archive.head(5) == b"z"

    asyncio.run(scenario())


def test_head_is_bounded() -> None:
    """No more of a file is kept than the limit."""

    async def scenario() -> None:
        archive = opened(entry(b"a") + END)
        await archive.next()
        with pytest.raises(ValueError, match="at most"):
            await archive.head(LONGEST_HEAD + 1)

    asyncio.run(scenario())


def test_no_end() -> None:
    """An archive may end without the blocks of zeros; after them nothing is read."""
    assert paths(entry(b"a")) == ["a"]
    assert paths(entry(b"a") + END + entry(b"b")) == ["a"]
    assert paths(b"") == []


def test_long_names() -> None:
    """GNU's and pax' long names and targets replace the header's."""
    long = b"d/" * 100 + b"name"
    data = (
        entry(b"L", long + b"\0", flag=LONG_NAME)
        + entry(b"K", b"target" * 30, flag=LONG_TARGET)
        + entry(b"short", flag=SYMLINK, target=b"x")
        + pax(path=long + b"2", linkpath=b"y" * 300)
        + entry(b"short", flag=SYMLINK, target=b"x")
        + entry(b"plain")
        + END
    )

    found = [one for one, _ in listed(data)]

    assert [one.path for one in found] == [long.decode(), long.decode() + "2", "plain"]
    assert [len(one.target) for one in found] == [180, 300, 0]


def test_pax_size() -> None:
    """A size in a pax header counts."""
    data = pax(size=b"700") + entry(b"a", b"x" * 700, size=0) + entry(b"b") + END

    assert [(one.path, one.size) for one, _ in listed(data)] == [("a", 700), ("b", 0)]


def test_global_headers_are_passed_over() -> None:
    """What a global header says is about no entry."""
    data = entry(b"g", b"18 path=elsewhere\n", flag=PAX_GLOBAL) + entry(b"a") + END

    assert paths(data) == ["a"]


def test_hostile_names_are_passed_over() -> None:
    """Names that lead out, or are longer than any path, are counted and left out."""
    data = (
        entry(b"../../etc/passwd")
        + pax(path=b"x/" * 50_000)
        + entry(b"long")
        + pax(linkpath=b"y" * 5000)
        + entry(b"link", flag=SYMLINK)
        + pax(path=b"nul\0byte")
        + entry(b"nul")
        + entry(b"/absolute")
        + entry(b"caf\xe9")
        + END
    )

    async def scenario() -> None:
        archive = opened(data)
        found = []
        while (one := await archive.next()) is not None:
            found.append(one.path)
        assert found == ["absolute", "caf�"]
        assert archive.skipped == 4

    asyncio.run(scenario())


def test_sparse_files() -> None:
    """Sparse files of the old form and of pax' are passed over, map and all."""
    block = bytearray(entry(b"sparse", flag=SPARSE, size=512)[:512])
    block[482] = 1
    more, last = bytearray(512), bytearray(512)
    more[504] = 1
    old = signed(block) + bytes(more) + bytes(last) + padded(b"data")
    new = pax(GNU__sparse__major=b"1", GNU__sparse__name=b"real") + entry(b"fake", b"1\n0\n")

    found = listed(old + new + entry(b"b", b"z") + END, head=10)

    assert [(one.path, one.is_sparse, head) for one, head in found] == [
        ("sparse", True, b""),
        ("real", True, b""),
        ("b", False, b"z"),
    ]


@pytest.mark.parametrize(
    ("data", "family"),
    [
        (entry(b"a", b"x" * 1000)[:-600], Malformed),
        (entry(b"a")[:200], Malformed),
        (b"not a tar archive" * 100, Malformed),
        (entry(b"a") + b"rubbish" * 100, Malformed),
        (entry(b"L", b"name", flag=LONG_NAME, size=5000), Malformed),
        (entry(b"L", flag=LONG_NAME, size=1 << 30), TooLarge),
        (entry(b"x", flag=PAX, size=2 << 20), TooLarge),
        (entry(b"x", b"rubbish", flag=PAX) + entry(b"a"), Malformed),
        (pax(size=b"-1") + entry(b"a"), Malformed),
        (pax(size=b"9" * 30) + entry(b"a"), Malformed),
    ],
    ids=[
        "file",
        "header",
        "text",
        "after",
        "short name",
        "huge name",
        "huge pax",
        "pax",
        "negative",
        "huge",
    ],
)
def test_refused(data: bytes, family: type[RegistryError]) -> None:
    """Archives that break off or make no sense are faults of their family."""
    with pytest.raises(family):
        listed(data)


def test_entries_are_counted() -> None:
    """More entries than the budget end the reading; special headers count, too."""
    data = entry(b"a") * 5 + END

    assert len(listed(data, entries=5)) == 5
    with pytest.raises(BudgetSpent, match="more than 4 entries"):
        listed(data, entries=4)
    with pytest.raises(BudgetSpent):
        listed(pax(path=b"x") * 10 + entry(b"a"), entries=10)


_name = st.text(
    st.characters(codec="utf-8", exclude_characters="\0/", exclude_categories=["Cs"]), max_size=120
).filter(lambda text: text not in {"", ".", ".."})
_path = st.lists(_name, min_size=1, max_size=3).map("/".join)


@given(
    st.lists(st.tuples(_path, st.binary(max_size=1200), st.sampled_from("fdl")), max_size=5),
    st.sampled_from([tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]),
    st.integers(1, 3000),
)
def test_reads_what_python_writes(
    files: list[tuple[str, bytes, str]], form: int, piece: int
) -> None:
    """Archives of the standard library are read in pieces of any size, as they were written."""
    buffer = io.BytesIO()
    expected = []
    with tarfile.open(fileobj=buffer, mode="w", format=form) as writer:
        for path, content, kind in files:
            info = tarfile.TarInfo(path)
            info.type = {"f": tarfile.REGTYPE, "d": tarfile.DIRTYPE, "l": tarfile.SYMTYPE}[kind]
            info.linkname = path if kind == "l" else ""
            info.size = len(content) if kind == "f" else 0
            writer.addfile(info, io.BytesIO(content))
            expected.append((path, info.linkname, content if kind == "f" else b""))

    found = listed(buffer.getvalue(), head=2000, piece=piece)

    assert [(one.path, one.target, head) for one, head in found] == expected


@given(st.binary(max_size=3000), st.integers(0, 3000), st.binary(max_size=40))
def test_damage_is_survived(noise: bytes, at: int, patch: bytes) -> None:
    """A damaged archive is read until the damage, or is a fault; it never hangs."""
    data = bytearray(pax(path=b"a") + entry(b"b", b"x" * 600) + entry(b"c") + noise)
    data[at : at + len(patch)] = patch
    try:
        found = listed(bytes(data), head=10)
    except RegistryError:
        return
    assert len(found) <= len(data) // 512
