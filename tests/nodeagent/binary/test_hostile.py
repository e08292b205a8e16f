"""Files that are broken, hostile or no programs: an answer or a BinaryError, and little memory."""

import os
import random
import struct
import tracemalloc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodeagent.binary.elf import Elf
from nodeagent.binary.errors import BinaryError, NotGo, Reason
from nodeagent.binary.program import GoProgram, read
from nodeagent.binary.sites import entry_site, return_sites
from nodeagent.binary.source import Source

NAMES = ("net/http.serverHandler.ServeHTTP", "net/http.(*Transport).roundTrip", "main.sum")


def ask(file: Path) -> GoProgram:
    """Ask a program everything. Raises BinaryError."""
    program = read(file)
    for function in program.functions(NAMES).values():
        entry_site(program, function)
        return_sites(program, function)
    program.offset("net/http.Request", "URL.Path")
    program.offsets("net/http.Request", "URL.Path")
    program.map_layout("net/http.Header")
    program.type_place("*example.com/prices.Money")
    return program


def survives(file: Path) -> bool:
    """Whether a file was read; False where it was refused as broken. Nothing else comes of it."""
    try:
        ask(file)
    except BinaryError:
        return False
    return True


@pytest.fixture(name="copy")
def fixture_copy(newest: Path, tmp_path: Path) -> Path:
    """A program that the test may break."""
    return Path(copyfile(newest, tmp_path / "copy"))


@contextmanager
def patched(file: Path, offset: int, data: bytes) -> Iterator[None]:
    """The file with other bytes at an offset, for a while."""
    with file.open("r+b", buffering=0) as opened:
        before = os.pread(opened.fileno(), len(data), offset)
        os.pwrite(opened.fileno(), data, offset)
        try:
            yield
        finally:
            os.pwrite(opened.fileno(), before, offset)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", Reason.NOT_ELF),
        (b"#!/bin/sh\nexec app\n", Reason.NOT_ELF),
        (b"\x7fELF", Reason.NOT_ELF),
        (b"\x7fELF\x01\x01" + bytes(100), Reason.UNSUPPORTED),  # 32 bits
        (b"\x7fELF\x02\x02" + bytes(100), Reason.UNSUPPORTED),  # big-endian
        (b"\x7fELF\x02\x01" + bytes(100), Reason.UNSUPPORTED),  # of no machine
    ],
    ids=["empty", "script", "magic", "narrow", "big-endian", "no-machine"],
)
def test_other_files(tmp_path: Path, content: bytes, reason: Reason) -> None:
    """What is no ELF file of a machine that is known is refused by a word."""
    file = tmp_path / "file"
    file.write_bytes(content)

    with pytest.raises(BinaryError) as caught:
        read(file)

    assert caught.value.reason is reason


def test_a_program_in_another_language() -> None:
    """A program of another compiler's is not Go, which is no fault of it."""
    with pytest.raises(NotGo) as caught:
        read(Path("/bin/sh").resolve())

    assert caught.value.reason is Reason.NOT_GO


def test_what_cannot_be_opened(tmp_path: Path) -> None:
    """A file that is gone, a folder and a pipe without a writer are refused at once."""
    os.mkfifo(tmp_path / "pipe")

    for file in (tmp_path / "gone", tmp_path, tmp_path / "pipe"):
        with pytest.raises(BinaryError) as caught:
            read(file)
        assert caught.value.reason is Reason.UNREADABLE


def test_an_open_file_is_read(newest: Path) -> None:
    """A file that the caller opened serves as well, and may be closed afterwards."""
    with newest.open("rb") as file:
        program = read(file)

    assert program.function("main.sum") is not None


def test_a_file_that_is_replaced_while_open(copy: Path, newest: Path) -> None:
    """A program that was read stays the one that it was when another takes its name."""
    program = read(copy)

    copy.unlink()
    copy.write_bytes(b"another")

    assert program.function("main.sum") == read(newest).function("main.sum")


def test_a_file_that_shrinks(copy: Path) -> None:
    """What is gone when it is asked for is an error, no signal."""
    program = read(copy)

    os.truncate(copy, 4096)

    with pytest.raises(BinaryError) as caught:
        program.function("main.sum")
    assert caught.value.reason is Reason.TRUNCATED


def test_truncated_anywhere(copy: Path) -> None:
    """Of every beginning of a program nothing comes but an answer or a BinaryError."""
    size = copy.stat().st_size
    lengths = sorted(random.Random(23).sample(range(size), 40), reverse=True)

    outcomes = []
    for length in [*lengths, 128, 64, 63, 1, 0]:
        os.truncate(copy, length)
        outcomes.append(survives(copy))

    assert not any(outcomes[-5:])


def test_without_sections(copy: Path, newest: Path) -> None:
    """Sections may be gone altogether: everything is found by what it looks like."""
    with patched(copy, 40, bytes(8)), patched(copy, 60, bytes(4)):
        program = ask(copy)

        assert Elf(Source(copy)).sections == {}
        assert program.functions(NAMES) == read(newest).functions(NAMES)
        assert program.version == read(newest).version


def test_without_identity(copy: Path, newest: Path) -> None:
    """A program that was built without an ID has one all the same, of what it says of itself."""
    notes = [segment for segment in Elf(Source(copy)).segments if segment.kind == 4]
    original = read(newest).build_id

    with patched(copy, notes[0].offset, bytes(notes[0].size)):
        found = read(copy).build_id

        assert len(found) == 64
        assert found == read(copy).build_id != original


HUGE = 500 << 20
MOST_MEMORY = 64 << 20


@contextmanager
def bounded() -> Iterator[None]:
    """Fails where more memory is taken than a program of 500 MB may cost."""
    tracemalloc.start()
    try:
        yield
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < MOST_MEMORY


def test_a_huge_program(copy: Path, newest: Path) -> None:
    """What lies behind a program's own parts costs nothing."""
    os.truncate(copy, HUGE)

    with bounded():
        program = ask(copy)

    assert program.functions(NAMES) == read(newest).functions(NAMES)


def test_a_huge_search(copy: Path) -> None:
    """All of 500 MB of data is searched in vain, piece by piece."""
    elf = Elf(Source(copy))
    header = elf.offset(read(copy)._table.address)
    assert header is not None
    os.truncate(copy, HUGE)
    number, data = next((n, s) for n, s in enumerate(elf.segments) if s.writable)
    whole = struct.pack("<QQ", HUGE - data.offset, HUGE - data.offset)
    row = 64 + 56 * number  # the data's program header: its sizes are its fifth and sixth field

    with (
        patched(copy, 40, bytes(8)),
        patched(copy, 60, bytes(4)),
        patched(copy, header, bytes(8)),
        patched(copy, row + 32, whole),
        bounded(),
        pytest.raises(BinaryError) as caught,
    ):
        ask(copy)

    assert caught.value.reason is Reason.NO_FUNCTIONS


def test_a_packed_program(tmp_path: Path, newest: Path) -> None:
    """A packer leaves a header and noise: nothing says that it was Go's."""
    file = tmp_path / "packed"
    file.write_bytes(newest.read_bytes()[:0x200] + random.Random(23).randbytes(1 << 20))

    with patched(file, 40, bytes(8)), patched(file, 60, bytes(4)), pytest.raises(NotGo) as caught:
        read(file)

    assert caught.value.reason is Reason.NOT_GO


@dataclass(frozen=True, slots=True)
class Target:
    """A program to change, and the parts of it that decide how it is read."""

    file: Path
    parts: Mapping[str, range]


@pytest.fixture(name="target", scope="module")
def fixture_target(newest: Path, tmp_path_factory: pytest.TempPathFactory) -> Target:
    """A copy for thousands of changes, each undone."""
    file = Path(copyfile(newest, tmp_path_factory.mktemp("hostile") / "target"))
    program = read(file)
    elf, table, module = program._elf, program._table, program._module
    at = {
        "header": (0, 64),
        "segments": (64, 56 * len(elf.segments)),
        "sections": (elf._sections[0], 64 * elf._sections[2]),
        "information": (elf.sections[".go.buildinfo"].offset, 512),
        "table": (elf.offset(table.address) or 0, 512),
        "rows": (table.rows, 4096),
        "module": (elf.offset(module.address) or 0, 432),
        "types": (elf.offset(module.types.start) or 0, 65536),
    }
    return Target(file, {name: range(start, start + size, 4) for name, (start, size) in at.items()})


NUMBERS = (0, 1, 0x7F, 0xFF, 0x7FFFFFFF, 0xFFFFFFFF, 1 << 62, (1 << 63) - 1, (1 << 64) - 1)
CHANGES = st.one_of(
    st.sampled_from(NUMBERS).map(lambda number: struct.pack("<Q", number)),
    st.binary(min_size=1, max_size=16),
)


@given(data=st.data(), change=CHANGES)
def test_any_bytes_anywhere_that_matters(
    target: Target, data: st.DataObject, change: bytes
) -> None:
    """Whatever stands in the parts that decide: an answer or a BinaryError."""
    part = data.draw(st.sampled_from(sorted(target.parts)))
    offset = data.draw(st.sampled_from(target.parts[part]))

    with patched(target.file, offset, change):
        survives(target.file)
