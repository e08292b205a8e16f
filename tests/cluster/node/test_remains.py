"""What a test run leaves when it is killed: nothing."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cluster.node.machine import obstacles
from tests.cluster.node.providing import give_up
from tests.cluster.node.remains import RECORDS, Remains, sweep
from tests.waiting import until

# A run that made a node's names, and what is in them: a process in its network, one in its groups.
_RUN = """
import signal, subprocess, sys
from pathlib import Path
from tests.cluster.node import cgroups
from tests.cluster.node.remains import kept

with kept(Path(sys.argv[1])) as node:
    inside = subprocess.Popen([*node.namespace.launcher, "sleep", "600"], start_new_session=True)
    grouped = subprocess.Popen(["sleep", "600"], start_new_session=True)
    pod = cgroups.hierarchies()[-1] / node.name / "pod"
    pod.mkdir()
    (pod / "cgroup.procs").write_text(str(grouped.pid))
    Path(sys.argv[1], "made").write_text(f"{node.name} {inside.pid} {grouped.pid}")
    signal.pause()
"""


@pytest.fixture(autouse=True)
def _machine() -> None:
    if reasons := obstacles():
        give_up("; ".join(reasons))


@contextmanager
def _running(directory: Path) -> Iterator[tuple["subprocess.Popen[bytes]", str, list[int]]]:
    """A test run, the name of its node and the processes in it."""
    command = [sys.executable, "-c", _RUN, str(directory)]
    made = directory / "made"
    with subprocess.Popen(command) as run:
        try:
            name, *pids = until(lambda: _words(made), "a node")
            yield run, name, [int(pid) for pid in pids]
        finally:
            run.kill()


def _words(file: Path) -> list[str]:
    return file.read_text().split() if file.exists() else []


def _keeper(run: "subprocess.Popen[bytes]", name: str) -> int:
    """The process that looks after a run's node."""
    for listing in Path(f"/proc/{run.pid}/task").glob("*/children"):
        for child in listing.read_text().split():
            if str(RECORDS / name) in Path(f"/proc/{child}/cmdline").read_text().split("\0"):
                return int(child)
    raise LookupError(name)


def _exists(number: int) -> bool:
    """Whether it runs; one that nobody has buried yet does not."""
    try:
        status = Path(f"/proc/{number}/stat").read_text()
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def _left(name: str, pids: list[int], directory: Path) -> list[str]:
    """Everything of a node that is still there."""
    node = Remains(name, (0, ""), str(directory))
    places = [node.record, node.namespace.path, *node.group.folders(), directory / "kubelet"]
    return [str(path) for path in places if path.exists()] + [str(n) for n in pids if _exists(n)]


def test_a_killed_run_leaves_nothing(tmp_path: Path) -> None:
    """Who looks after the node ends its processes, and removes its network, groups and files."""
    (tmp_path / "kubelet" / "pods").mkdir(parents=True)
    with _running(tmp_path) as (run, name, pids):
        assert len(_left(name, pids, tmp_path)) > 5

        run.send_signal(signal.SIGKILL)

        until(lambda: _left(name, pids, tmp_path) == [], "the node's end")


def test_what_was_left_is_removed_by_the_next(tmp_path: Path) -> None:
    """Also when nobody looked after it any more."""
    (tmp_path / "kubelet" / "pods").mkdir(parents=True)
    with _running(tmp_path) as (run, name, pids):
        os.kill(_keeper(run, name), signal.SIGKILL)
        run.kill()
        run.wait()
        assert len(_left(name, pids, tmp_path)) > 5

        sweep()

        assert _left(name, pids, tmp_path) == []


def test_a_living_run_is_spared(tmp_path: Path) -> None:
    """What belongs to a run that is still there is not touched."""
    with _running(tmp_path) as (_, name, pids):
        before = _left(name, pids, tmp_path)

        sweep()

        assert _left(name, pids, tmp_path) == before
