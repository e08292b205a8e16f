"""A program of our own is probed: a copy of a small one of the system's."""

import errno
import gc
import mmap
import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from nodeagent.kernel import syscalls, uprobes
from nodeagent.kernel.compiler import Loaded
from nodeagent.kernel.errors import KernelError
from nodeagent.kernel.maps import Map
from nodeagent.kernel.ringbuffer import RingBuffer
from nodeagent.kernel.uprobes import Uprobe, attach, attach_nowhere

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


def _open() -> set[str]:
    """Our descriptors, without those that only garbage holds."""
    gc.collect()
    return set(os.listdir("/proc/self/fd"))  # noqa: PTH208


def _older(name: str, *arguments: Any) -> int:
    """System calls of a kernel before 6.6, which has no links to uprobes."""
    if name == "bpf":
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
    return syscalls.call(name, *arguments)


def _attach(loaded: Loaded, program: Path, *, older: bool) -> Uprobe:
    with pytest.MonkeyPatch.context() as patched:
        if older:
            patched.setattr(uprobes, "syscalls", SimpleNamespace(call=_older))
        return attach(loaded.programs["on_call"], str(program), _entry(program))


@pytest.mark.parametrize("older", [False, True])
def test_a_program_runs_when_the_instruction_does(
    loaded: Loaded, program: Path, older: bool
) -> None:
    """Attached it counts each start; detached it counts none; in both ways there are."""
    uprobe = _attach(loaded, program, older=older)
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
    before = _open()

    with pytest.raises(KernelError, match=rf"at {path}\+{offset:#x}: "):
        attach(loaded.programs["on_call"], path, offset)

    # Meanwhile the garbage collector may close what other tests left.
    assert before >= _open()


def test_what_is_no_program_cannot_be_attached(loaded: Loaded, program: Path) -> None:
    """A map's descriptor is none of a program's."""
    with pytest.raises(KernelError, match="program at"):
        attach(loaded.maps["calls"], str(program), _entry(program))


def test_an_older_kernel_that_wants_more(
    loaded: Loaded, program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without links, and without SYS_ADMIN for events: the error says what would do."""

    def refuse(name: str, *_: Any) -> int:
        number = errno.EINVAL if name == "bpf" else errno.EACCES
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(uprobes, "syscalls", SimpleNamespace(call=refuse))

    with pytest.raises(KernelError, match=r"SYS_ADMIN is needed, or Linux 6\.6"):
        attach(loaded.programs["on_call"], str(program), 0)
    with pytest.raises(KernelError, match=r"^uprobe at memory\+0x0: SYS_ADMIN is needed"):
        attach_nowhere(loaded.programs["on_call"])


def test_attaching_is_tried_out(loaded: Loaded) -> None:
    """Where it works nothing stays behind."""
    before = _open()

    attach_nowhere(loaded.programs["on_call"])

    # Meanwhile the garbage collector may close what other tests left.
    assert before >= _open()


def test_four_capabilities_do() -> None:
    """Of all that root may do: those, and no more, are what the DaemonSet asks for."""
    version = tuple(int(part) for part in os.uname().release.split(".")[:2])
    if version < (6, 6):
        pytest.skip("before Linux 6.6 it takes SYS_ADMIN, too")
    held = "-all,+bpf,+perfmon,+sys_ptrace,+dac_read_search"
    command = [sys.executable, "-m", "console", "node-agent", "--check"]

    done = subprocess.run(
        ["setpriv", f"--bounding-set={held}", *command],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout
