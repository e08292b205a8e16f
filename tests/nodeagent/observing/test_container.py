"""Which of a container's processes is its application."""

from pathlib import Path

import pytest

from nodeagent.observing.budget import Budget
from nodeagent.observing.container import application
from nodeagent.tracing.process import Process
from tests.nodeagent.observing.imitation import Imitation

_NODE = Path("/bin/true").read_bytes() + b"\0node_module_register\0 of this test\0"
JVM = ("/opt/java/lib/server/libjvm.so",)


@pytest.fixture
def imitation(tmp_path: Path) -> Imitation:
    """An empty /proc."""
    return Imitation(tmp_path)


def _told(*processes: Process) -> tuple[int, str | None] | None:
    found = application(processes)
    return None if found is None else (found[0].pid, found[1].language)


def test_nothing_is_left() -> None:
    """A container that ended has no application."""
    assert _told() is None
    assert _told(Process(2**22 + 1)) is None


def test_behind_a_wrapper(imitation: Imitation) -> None:
    """An init and a shell are passed; workers come after what started them."""
    init = imitation.process(1, "/sbin/tini", ["tini"], began=1)
    shell = imitation.process(7, "/bin/sh", ["sh"], parent=1, began=2)
    main = imitation.process(8, "/bin/python3.12", ["python", "a.py"], parent=7, began=3)
    worker = imitation.process(9, "/bin/python3.12", ["python", "b.py"], parent=8, began=4)

    assert _told(worker, main, shell, init) == (8, "python")


def test_one_budget_for_all(imitation: Imitation) -> None:
    """Where it does not suffice for one of them what is told of another may not be the truth."""
    node = imitation.process(1, "/bin/node", ["node"], content=_NODE, began=1)
    child = imitation.process(8, "/bin/python3.12", ["python"], parent=1, began=3)

    cut = application((node, child), Budget(len(_NODE) // 2))
    again = application((node, child))

    assert cut is not None
    assert cut[1].is_cut
    assert again is not None
    assert (again[1].language, again[1].is_cut) == ("nodejs", False)


def test_probes_do_not_count(imitation: Imitation) -> None:
    """What the kubelet starts has its parent outside, whenever it began."""
    main = imitation.process(1, "/bin/nginx", ["nginx"], parent=900, began=5)
    probe = imitation.process(30, "/bin/python3.12", ["python"], parent=901, began=6)

    assert _told(probe, main) == (1, None)


def test_what_ended_meanwhile(imitation: Imitation) -> None:
    """Is passed, and the others are looked at."""
    gone = imitation.process(1, "/sbin/tini", ["tini"], began=1)
    main = imitation.process(8, "/bin/python3.12", ["python"], parent=1, began=3)
    (imitation.proc / "1" / "maps").unlink()

    assert _told(gone, main) == (8, "python")


def test_npm(imitation: Imitation) -> None:
    """A program that starts others stands back, unless it is alone."""
    go = Path("/bin/true").read_bytes() + b"\0node_module_register\0"
    npm = imitation.process(1, "/b/node", ["node", "/lib/npm-cli.js"], content=go, began=1)
    main = imitation.process(8, "/bin/java", ["java"], mapped=JVM, parent=1, began=3)

    assert _told(npm, main) == (8, "java")
    assert _told(npm) == (1, "nodejs")


def test_managers(imitation: Imitation) -> None:
    """What a manager is written in is nobody's language; several of them are none."""
    command = ["python", "/bin/supervisord"]
    manager = imitation.process(1, "/bin/python3.12", command, began=1)
    nginx = imitation.process(5, "/bin/nginx", ["nginx"], parent=1, began=2)
    main = imitation.process(8, "/bin/java", ["java"], mapped=JVM, parent=1, began=3)
    other = imitation.process(9, "/opt/python3.12", ["python", "x.py"], parent=1, began=4)

    assert _told(manager) == (1, None)
    assert _told(manager, nginx) == (1, None)
    assert _told(manager, nginx, main) == (8, "java")
    assert _told(manager, nginx, main, other) == (1, None)


def test_many_processes(imitation: Imitation) -> None:
    """Only so many are looked at: a container may have ten thousand."""
    many = [
        imitation.process(pid, "/bin/worker", ["x"], parent=1 if pid > 1 else 0, began=pid)
        for pid in range(1, 200)
    ]
    last = imitation.process(500, "/bin/python3.12", ["python"], parent=1, began=500)

    assert _told(*many, last) == (1, None)
