"""A program of our own is probed: a copy of a small one of the system's."""

import mmap
import os
import shutil
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from nodeagent.kernel.compiler import Loaded
from nodeagent.kernel.errors import KernelError
from nodeagent.kernel.maps import Map
from nodeagent.kernel.ringbuffer import RingBuffer
from nodeagent.kernel.uprobes import attach

_FIRST = bytes(4)
_ENTRY = slice(24, 32)  # of an ELF file of 64 bits


@pytest.fixture(name="program", scope="module")
def fixture_program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy: the probe is in nobody else's file."""
    path = tmp_path_factory.mktemp("program") / "true"
    shutil.copy("/bin/true", path)
    return path


def _entry(program: Path) -> int:
    """Where the program's first instruction is in its file."""
    data = program.read_bytes()
    entry = int.from_bytes(data[_ENTRY], "little")
    (headers,) = struct.unpack_from("<Q", data, 32)
    (count,) = struct.unpack_from("<H", data, 56)
    for place in range(headers, headers + 56 * count, 56):
        kind, _, offset, address, _, size = struct.unpack_from("<IIQQQQ", data, place)
        if kind == 1 and address <= entry < address + size:
            return int(entry - address + offset)
    raise AssertionError("no segment has the entry")


def _calls(loaded: Loaded) -> int:
    return int.from_bytes(Map(loaded.maps["calls"], 4, 8).get(_FIRST) or b"", "little")


@pytest.fixture(name="records")
def fixture_records(loaded: Loaded) -> Iterator[RingBuffer]:
    """The ring buffer, empty."""
    records = RingBuffer(loaded.maps["records"], mmap.PAGESIZE)
    for _ in records.records():  # those of other tests
        pass
    yield records
    records.close()


def test_a_program_runs_when_the_instruction_does(loaded: Loaded, program: Path) -> None:
    """Attached it counts each start; detached it counts none."""
    uprobe = attach(loaded.programs["on_call"], str(program), _entry(program))
    before = _calls(loaded)

    for _ in range(7):
        subprocess.run([program], check=True)
    uprobe.detach()
    subprocess.run([program], check=True)

    assert _calls(loaded) - before == 7


def test_records_are_read_once_in_order(loaded: Loaded, program: Path, records: RingBuffer) -> None:
    """Records of odd sizes, several times as many as the buffer has room for."""
    uprobe = attach(loaded.programs["on_call"], str(program), _entry(program))
    first = _calls(loaded)
    seen: list[bytes] = []
    for number in range(300):
        subprocess.run([program], check=True)
        if number % 7 == 0:
            seen.extend(records.records())
    seen.extend(records.records())
    uprobe.detach()

    assert list(records.records()) == []
    numbers = [int.from_bytes(record[:8], "little") for record in seen]
    assert numbers == list(range(first, first + 300))
    assert [len(record) for record in seen] == [24 if number & 1 else 20 for number in numbers]


def test_an_open_file_is_probed_whatever_its_path_is_now(
    loaded: Loaded, program: Path, tmp_path: Path
) -> None:
    """By its descriptor a file is found that has no name any more."""
    copy = tmp_path / "copy"
    shutil.copy(program, copy)
    with copy.open("rb") as file:
        with subprocess.Popen(["/bin/sleep", "0"]):
            copy.rename(tmp_path / "renamed")
        uprobe = attach(
            loaded.programs["on_call"], f"/proc/self/fd/{file.fileno()}", _entry(program)
        )
    before = _calls(loaded)
    subprocess.run([tmp_path / "renamed"], check=True)
    uprobe.detach()

    assert _calls(loaded) - before == 1


@pytest.mark.parametrize(
    ("path", "offset"),
    [
        pytest.param("/nowhere/at/all", 0, id="no-file"),
        pytest.param("/proc/self/status", 0, id="no-program"),
        pytest.param("/bin/true", 1 << 40, id="behind-the-end"),
    ],
)
def test_what_cannot_be_probed_is_an_error(loaded: Loaded, path: str, offset: int) -> None:
    """The error names path, offset and reason; nothing stays open."""
    before = set(os.listdir("/proc/self/fd"))  # noqa: PTH208

    with pytest.raises(KernelError, match=rf"at {path}\+{offset:#x}: "):
        attach(loaded.programs["on_call"], path, offset)

    assert before == set(os.listdir("/proc/self/fd"))  # noqa: PTH208


def test_what_is_no_program_cannot_be_attached(loaded: Loaded, program: Path) -> None:
    """A map's descriptor is none of a program's."""
    with pytest.raises(KernelError, match="program at"):
        attach(loaded.maps["calls"], str(program), _entry(program))
