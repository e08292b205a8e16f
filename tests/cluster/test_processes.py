import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.cluster import StartError
from tests.cluster.processes import Process
from tests.waiting import until

_PARENT = """
import signal, sys
from pathlib import Path
from tests.cluster.processes import Process
process = Process("sleeper", ["sleep", "600"], Path(sys.argv[1]))
process.start()
print(process.pid, flush=True)
signal.pause()
"""


def alive(pid: int) -> bool:
    """Whether the process runs; one that nobody has buried yet does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def test_what_does_not_start_says_why(tmp_path: Path) -> None:
    """The error has the process's name, where its log is and the log's end."""
    process = Process("broken", ["sh", "-c", "echo no such port >&2; exit 1"], tmp_path)
    process.start()

    with pytest.raises(StartError, match=r"broken ended\n.*broken\.1\.log:\nno such port"):
        process.wait(lambda: False)
    process.stop()


def test_what_never_gets_ready_is_given_up(tmp_path: Path) -> None:
    """Waiting has an end, and says what the process had to say until then."""
    process = Process("slow", ["sh", "-c", "echo still busy; exec sleep 600"], tmp_path)
    process.start()
    until(lambda: "busy" in process.log.read_text(), "its words")

    with pytest.raises(StartError, match=r"slow: not ready in 0 s\n(.*\n)still busy"):
        process.wait(lambda: False, seconds=0)
    process.stop()
    assert not process.running


def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A wrong path ends as an error that has it."""
    process = Process("absent", [tmp_path / "no-such-program"], tmp_path)
    process.start()

    with pytest.raises(StartError, match="no-such-program"):
        process.wait(lambda: False)
    process.stop()


def test_each_start_has_its_own_log(tmp_path: Path) -> None:
    """What was said before a restart can be read after it."""
    process = Process("twice", ["sh", "-c", "echo $$; exec sleep 600"], tmp_path)
    logs = []
    for _ in range(2):
        process.start()
        until(process.log.read_text, "its words")
        logs.append((process.log.name, process.log.read_text().strip(), str(process.pid)))
        process.stop()

    assert [name for name, _, _ in logs] == ["twice.1.log", "twice.2.log"]
    assert all(said == pid for _, said, pid in logs)


def test_a_process_outlives_the_thread_that_started_it(tmp_path: Path) -> None:
    """A test may start and restart processes from a thread that ends before they do."""
    process = Process("sleeper", ["sleep", "600"], tmp_path)
    thread = threading.Thread(target=process.start)
    thread.start()
    thread.join()
    # The kernel's signal at a thread's end is there before the thread's number is free.
    until(lambda: thread.native_id not in _threads(), "the thread's end")

    assert process.running
    process.stop(seconds=0)


def test_no_process_outlives_the_test_run(tmp_path: Path) -> None:
    """Even when the run is killed outright, the processes that it started go with it."""
    command = [sys.executable, "-c", _PARENT, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        # Before it is this program, it asks the kernel for the signal.
        until(lambda: Path(f"/proc/{child}/cmdline").read_bytes().startswith(b"sleep"), "its start")
        assert alive(child)
        os.kill(parent.pid, signal.SIGKILL)

    until(lambda: not alive(child), "the end of the child")


def test_a_held_process_does_nothing_until_it_is_released(tmp_path: Path) -> None:
    """SIGSTOP and SIGCONT, also where the test fails in between."""
    process = Process("sleeper", ["sleep", "600"], tmp_path)
    process.start()
    stat = Path(f"/proc/{process.pid}/stat")

    def state() -> str:
        return stat.read_text().rpartition(")")[2].split()[0]

    def hold_and_fail() -> None:
        with process.held():
            until(lambda: state() == "T", "a stopped process")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        hold_and_fail()
    until(lambda: state() == "S", "a sleeping process")
    process.stop()


def test_starting_twice_is_a_mistake(tmp_path: Path) -> None:
    """A process that runs is not started again beside itself."""
    process = Process("sleeper", ["sleep", "600"], tmp_path)
    process.start()
    with pytest.raises(StartError, match="sleeper runs already"):
        process.start()
    process.stop()
    with pytest.raises(LookupError, match="sleeper does not run"):
        _ = process.pid


def test_waiting_ends_with_the_answer_or_an_error() -> None:
    """`until` returns what it was waiting for, and says what it did not get."""
    answers = iter([0, "", "yes"])

    assert until(lambda: next(answers), "an answer") == "yes"
    with pytest.raises(TimeoutError, match="a miracle: not within 0 s; last: None"):
        until(lambda: None, "a miracle", seconds=0)


def _threads() -> set[int]:
    return {int(task.name) for task in Path("/proc/self/task").iterdir()}
