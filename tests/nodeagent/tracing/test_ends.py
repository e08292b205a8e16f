import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from nodeagent.tracing.ends import Ends

_DESCRIPTORS = Path("/proc/self/fd")


@pytest.fixture(name="ends")
def fixture_ends() -> Iterator[Ends]:
    """Of no process yet."""
    ends = Ends()
    yield ends
    ends.close()


def test_an_end_is_told_once(ends: Ends) -> None:
    """Of the process that ended, not of the one that goes on."""
    with subprocess.Popen(["/bin/sleep", "600"]) as child:
        ends.watch(os.getpid())
        ends.watch(child.pid)
        assert ends.wait(0) == []
        child.kill()

        assert ends.wait(30) == [child.pid]
        assert ends.wait(0) == []


def test_it_is_watched_once(ends: Ends) -> None:
    """However often that is asked for: each descriptor is one of ours."""
    before = len(list(_DESCRIPTORS.iterdir()))
    for _ in range(3):
        ends.watch(os.getpid())

    assert len(list(_DESCRIPTORS.iterdir())) == before + 1


def test_who_is_gone_already_is_not_watched(ends: Ends) -> None:
    """Nothing is told of it, and nothing fails."""
    child = subprocess.Popen(["/bin/true"])
    child.wait()
    ends.watch(child.pid)

    assert ends.wait(0) == []
