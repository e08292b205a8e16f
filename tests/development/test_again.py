import os
import signal
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from demo.processes import Child
from tests.cluster.processes import start
from tests.manifests.installation import ROOT
from tests.waiting import until

PROGRAM = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
with open(sys.argv[1], "a") as file:
    file.write("started\\n")
while True:
    signal.pause()
"""


@pytest.fixture
def starts(tmp_path: Path) -> Path:
    """Where the program says that it started."""
    file = tmp_path / "starts"
    file.touch()
    return file


@pytest.fixture
def child(tmp_path: Path, starts: Path) -> Iterator[Child]:
    """A program that ends with 7 when asked to, started again and again."""
    command = [str(ROOT / "scripts" / "again"), sys.executable, "-c", PROGRAM, str(starts)]
    running = start("again", command, tmp_path, tmp_path / "log", farewell="TERM")
    until(partial(_has, starts, 1), "the first start")
    yield running
    running.end(0)


def _has(starts: Path, number: int) -> bool:
    return _count(starts) == number


def _count(starts: Path) -> int:
    return starts.read_text().count("started")


def test_changed_sources_start_it_anew(child: Child, starts: Path) -> None:
    """Each SIGHUP ends the program and starts it again; the container goes on."""
    for number in (2, 3):
        os.kill(child.popen.pid, signal.SIGHUP)
        until(partial(_has, starts, number), f"start {number}")

    assert not child.ended


def test_it_stops_when_the_kubelet_says_so(child: Child, starts: Path) -> None:
    """SIGTERM goes to the program, whose exit code is the container's."""
    child.terminate()

    assert child.end(20) == 7
    assert _count(starts) == 1


def test_it_ends_with_its_program(tmp_path: Path) -> None:
    """A program that breaks is not started again: the kubelet shows that, and Tilt builds anew."""
    command = [str(ROOT / "scripts" / "again"), "sh", "-c", "exit 3"]
    running = start("again", command, tmp_path, tmp_path / "log", farewell="TERM")

    assert running.end(20) == 3
