import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nodeagent.tracing.process import Life, Process, ProcessGone, file_id, running
from tests.waiting import until

_OURSELVES = Process(os.getpid())
_COARSE = 5  # CLOCK_REALTIME_COARSE of the kernel's linux/time.h, which Python does not name


def test_a_process_is_seen() -> None:
    """Its file, its name, its environment, when it began."""
    with _OURSELVES.executable() as file:
        assert file.read(4) == b"\x7fELF"
        assert file_id(file).inode == Path(sys.executable).stat().st_ino
    assert _OURSELVES.name() == Path(sys.executable).resolve().name
    assert _OURSELVES.environ()["PATH"]
    life = _OURSELVES.life()
    assert life is not None
    assert life.inode == Path(sys.executable).stat().st_ino


def test_a_process_that_ended_is_gone() -> None:
    """Every question says so."""
    ended = subprocess.Popen(["/bin/true"])
    ended.wait()
    process = Process(ended.pid)

    for question in (process.executable, process.name, process.environ):
        with pytest.raises(ProcessGone, match=f"process {ended.pid}: "):
            question()
    assert process.life() is None


def test_a_name_may_hold_anything(tmp_path: Path) -> None:
    """Blanks and parentheses in the name do not shift the fields behind it."""
    folder = tmp_path / "7"
    folder.mkdir()
    fields = " ".join(str(number) for number in range(4, 53))
    (folder / "stat").write_text(f"7 (a ) b (c) S {fields}\n")
    target = tmp_path / "shop (deleted)"
    target.touch()
    (folder / "exe").symlink_to(target)
    (folder / "environ").write_bytes(b"A=1\0B=x=y\0broken\0\0")

    process = Process(7, tmp_path)

    status = target.stat()
    assert process.life() == Life(22, status.st_dev, status.st_ino)
    assert process.name() == "shop"
    assert process.environ() == {"A": "1", "B": "x=y"}


def test_processes_of_a_file_are_found() -> None:
    """Those that run it, by whatever name."""
    assert os.getpid() in running(Path(sys.executable))
    assert os.getpid() not in running(Path("/bin/true"))


def test_no_file_has_no_processes(tmp_path: Path) -> None:
    """A file that is not there is an error of the caller's."""
    with pytest.raises(FileNotFoundError):
        running(tmp_path / "absent")


def test_an_environment_has_an_end(tmp_path: Path) -> None:
    """A process may say that all of its memory is it; what is cut off is not half there."""
    folder = tmp_path / "7"
    folder.mkdir()
    (folder / "environ").write_bytes(b"A=1\0LONG=" + bytes([120]) * (1 << 20))
    assert Process(7, tmp_path).environ() == {"A": "1"}

    with (folder / "environ").open("wb") as file:
        file.truncate(1 << 40)
    assert Process(7, tmp_path).environ() == {}


def test_a_name_that_is_no_text(tmp_path: Path) -> None:
    """File names are bytes; what is told of them can be sent."""
    folder = tmp_path / "7"
    folder.mkdir()
    (folder / "exe").symlink_to(os.fsdecode(b"/srv/shop\xff (deleted)"))

    assert Process(7, tmp_path).name() == "shop\N{REPLACEMENT CHARACTER}"


def test_a_file_with_other_contents_is_another_one(tmp_path: Path) -> None:
    """Of the same size and with its time put back, as copying tools do."""
    path = tmp_path / "shop"
    path.write_bytes(b"old")
    os.utime(path, ns=(1, 1))
    with path.open("rb") as file:
        before = file_id(file)
        # Before Linux 6.13 a file's times go forward with the kernel's tick, every 4 ms or so.
        until(lambda: time.clock_gettime_ns(_COARSE) > before.changed, "the next tick")
        path.write_bytes(b"new")
        os.utime(path, ns=(1, 1))

        assert file_id(file) != before
