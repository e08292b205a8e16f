import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from demo.processes import Child, Children, StartError

_STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
worker = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(worker.pid, flush=True)
time.sleep(60)
"""


def _start(children: Children, folder: Path, code: str, **env: str) -> Child:
    argv = [sys.executable, "-c", code]
    return children.start("child", argv, env=env, cwd=folder, log=folder / "log")


def _until(child: Child, text: str) -> str:
    deadline = time.monotonic() + 20
    while text not in child.log.read_text():
        assert time.monotonic() < deadline, child.last_words()
        time.sleep(0.01)
    return child.log.read_text()


def _gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z"
    except FileNotFoundError:
        return True


def test_a_child_has_exactly_its_environment(tmp_path: Path) -> None:
    """Nothing of ours leaks into a container."""
    children = Children()
    child = _start(children, tmp_path, "import os; print(sorted(os.environ))", ONLY="1")

    assert child.end(20) == 0
    assert "'ONLY'" in child.log.read_text()
    assert "'HOME'" not in child.log.read_text()


def test_an_exit_code_comes_back(tmp_path: Path) -> None:
    """The code of a child that ended by itself; its last words are kept."""
    child = _start(Children(), tmp_path, "import sys; print('sorry'); sys.exit(3)")

    assert child.end(20) == 3
    assert child.ended
    assert child.last_words() == "sorry"


def test_who_does_not_listen_is_killed_with_its_workers(tmp_path: Path) -> None:
    """A process that ignores SIGTERM is named, and its whole group is gone."""
    children = Children()
    child = _start(children, tmp_path, _STUBBORN)
    worker = int(_until(child, "\n"))

    assert children.end(0.2) == ["child"]
    assert child.ended
    deadline = time.monotonic() + 10
    while not _gone(worker):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_who_listens_is_not_killed(tmp_path: Path) -> None:
    """SIGTERM is enough for a process that does as it is told."""
    children = Children()
    child = _start(children, tmp_path, "print('up', flush=True); import time; time.sleep(60)")
    _until(child, "up")

    assert children.end(20) == []


def test_nothing_starts_once_everything_is_being_ended(tmp_path: Path) -> None:
    """A thread that is late cannot leave a process behind."""
    children = Children()
    children.end(0)

    with pytest.raises(StartError, match="being stopped"):
        _start(children, tmp_path, "")


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    """The error names it."""
    with pytest.raises(StartError, match="no-such-program"):
        Children().start(
            "c", ["no-such-program"], env={"PATH": "/bin"}, cwd=tmp_path, log=tmp_path / "log"
        )


def test_terminate_children_reaches_direct_children() -> None:
    """Programs that others started in this process are asked to end too."""
    # In a process of its own: this one has children that belong to other tests.
    code = (
        "import subprocess, sys\n"
        "from demo.processes import terminate_children\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "terminate_children()\n"
        "sys.exit(child.wait(20) != -15)\n"
    )

    done = subprocess.run([sys.executable, "-c", code], env=os.environ, check=False, timeout=60)

    assert done.returncode == 0
