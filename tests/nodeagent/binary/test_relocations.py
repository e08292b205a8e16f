"""Programs whose pointers are in the table of relocations alone, as lld links them."""

import struct
from pathlib import Path

import pytest

from nodeagent.binary.elf import Elf
from nodeagent.binary.errors import BinaryError, Reason
from nodeagent.binary.program import read
from nodeagent.binary.relocations import Relocations
from nodeagent.binary.source import Source
from tests.nodeagent.binary.builds import Case, built
from tests.nodeagent.binary.conftest import shown

EVERYWHERE = (0, 1 << 62)
ENTRY = 24  # bytes


@pytest.fixture(name="foreign", scope="module")
def fixture_foreign(request: pytest.FixtureRequest) -> Path:
    """A program that gcc's linker linked, which writes each pointer in its place as well."""
    with shown(request) as say:
        return built(Case("1.24.11", "foreign"), say)


@pytest.fixture(name="empty", scope="module")
def fixture_empty(foreign: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with all of these places empty."""
    source = Source(foreign)
    elf = Elf(source)
    content = bytearray(foreign.read_bytes())
    for address, _ in Relocations(source, elf).within(*EVERYWHERE):
        offset = elf.offset(address)
        assert offset is not None
        content[offset : offset + 8] = bytes(8)
    file = tmp_path_factory.mktemp("relocated") / "program"
    file.write_bytes(content)
    return file


def test_the_table_is_what_is_written_in_place(foreign: Path) -> None:
    """The linker's two ways to say it agree, for every pointer of the program."""
    source = Source(foreign)
    elf = Elf(source)

    written = dict(Relocations(source, elf).within(*EVERYWHERE))

    content = foreign.read_bytes()
    assert len(written) > 20_000
    assert written == {
        address: struct.unpack_from("<Q", content, elf.offset(address) or 0)[0]
        for address in written
    }


def test_a_part_of_the_table(foreign: Path) -> None:
    """From one address up to another, across what is read at once."""
    source = Source(foreign)
    relocations = Relocations(source, Elf(source))
    everything = list(relocations.within(*EVERYWHERE))

    start, end = everything[1000][0], everything[3100][0]

    assert list(relocations.within(start, end)) == everything[1000:3100]
    assert list(relocations.within(start, start)) == []


def test_where_a_value_is_written(foreign: Path) -> None:
    """Every address that a pointer is written to is found by the pointer."""
    source = Source(foreign)
    relocations = Relocations(source, Elf(source))
    everything = list(relocations.within(*EVERYWHERE))
    value = everything[2000][1]

    assert list(relocations.find(value)) == [at for at, written in everything if written == value]


def test_empty_places_are_filled(foreign: Path, empty: Path) -> None:
    """A program is read as the loader would write it: nothing differs."""
    names = ("main.leaf", "net/http.(*Transport).roundTrip")
    full, bare = read(foreign), read(empty)

    assert bare.functions(names) == full.functions(names) != {}
    assert bare.offset("net/http.Request", "ctx") == full.offset("net/http.Request", "ctx") == 248
    assert bare.map_layout("net/http.Header") == full.map_layout("net/http.Header") is not None
    pointer = "*example.com/prices.Money"
    assert bare.type_place(pointer) == full.type_place(pointer) is not None


@pytest.mark.parametrize("broken", ["unsorted", "gone"])
def test_a_table_that_does_not_serve(empty: Path, tmp_path: Path, broken: str) -> None:
    """Where the places are empty and the table is of no use, the program is refused."""
    table = Relocations(Source(empty), Elf(Source(empty)))
    content = bytearray(empty.read_bytes())
    rows = [content[at : at + ENTRY] for at in range(table._start, table._end, ENTRY)]
    others = reversed(rows) if broken == "unsorted" else [bytes(ENTRY)] * len(rows)
    content[table._start : table._end] = b"".join(others)
    file = tmp_path / "program"
    file.write_bytes(content)

    with pytest.raises(BinaryError) as caught:
        read(file)

    assert caught.value.reason is Reason.NO_MODULE
