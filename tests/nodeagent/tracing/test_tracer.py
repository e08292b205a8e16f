import errno
import gc
import os
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock, create_autospec

import pytest

from nodeagent.binary import program as binary
from nodeagent.binary.program import BinaryError
from nodeagent.kernel import uprobes
from nodeagent.kernel.errors import CompilerError
from nodeagent.kernel.ringbuffer import RingBuffer
from nodeagent.probes import PROBES
from nodeagent.probes.plan import plan
from nodeagent.probes.program import Limits
from nodeagent.probes.sql import SQL
from nodeagent.tracing.binaries import Binary, Full
from nodeagent.tracing.process import Process, ProcessGone
from nodeagent.tracing.tracer import Tracer
from tests.nodeagent.machine import require_tracing
from tests.nodeagent.tracing.collecting import gathered
from tests.nodeagent.tracing.overlays import overlays
from tests.nodeagent.tracing.servers import Server, running
from tests.waiting import until

_KINDS = ("bpf_link", "bpf-link", "perf_event")


def _held(probed: Binary) -> int:
    """How many of its probes are in place."""
    return sum(any(kind in _link(one.descriptor) for kind in _KINDS) for one in probed.uprobes)


def _link(descriptor: int) -> str:
    """What a descriptor leads to; nowhere when another thread has just closed it."""
    try:
        return str(Path(f"/proc/self/fd/{descriptor}").readlink())
    except FileNotFoundError:
        return ""


def test_a_file_is_probed_once_however_many_run_it(tracer: Tracer, program: Path) -> None:
    """Two processes of one file share its probes, which go with the last of them."""
    with running(program) as one, running(program) as other:
        probed = tracer.trace(Process(one.pid))

        assert tracer.trace(Process(other.pid)) is probed
        assert _held(probed) == len(probed.uprobes) > 0

        tracer.forget(one.pid)
        assert _held(probed) == len(probed.uprobes)
        tracer.forget(other.pid)
        until(lambda: not _held(probed), "the probes to go")


def test_a_file_is_probed_anew_after_it_was_dropped(tracer: Tracer, program: Path) -> None:
    """Processes come and go, and what comes after is traced."""
    for _ in range(2):
        with running(program) as server:
            tracer.trace(Process(server.pid))
            server.get("/items/1")

            assert [one.path for one in gathered(tracer, server)] == ["/items/1"]
            tracer.forget(server.pid)


def test_a_replaced_file_is_another_one(tracer: Tracer, program: Path, tmp_path: Path) -> None:
    """What runs the old file and what runs the new one are both traced, each by its own probes."""
    path = tmp_path / "server"
    shutil.copy(program, path)
    with running(path) as old:
        tracer.trace(Process(old.pid))
        path.unlink()
        shutil.copy(program, path)
        with running(path) as new:
            tracer.trace(Process(new.pid))
            old.get("/items/1")
            new.get("/items/2")

            seen = [(one.head.process, one.path) for one in gathered(tracer, new)]
            assert seen == [(old.pid, "/items/1"), (new.pid, "/items/2")]
            tracer.forget(new.pid)
        tracer.forget(old.pid)


def test_containers_of_an_image_share_its_probes(
    tracer: Tracer, program: Path, tmp_path: Path
) -> None:
    """Each has a file system of its own over the same file; one that wrote to it has a copy."""
    with overlays(program, tmp_path, 3) as (first, second, third):
        third.chmod(0o711)
        with running(first) as one, running(second) as other, running(third) as changed:
            probed = [tracer.trace(Process(each.pid)) for each in (one, other, changed)]
            for number, each in enumerate((one, other, changed)):
                each.get(f"/items/{number}")

            seen = [(request.head.process, request.path) for request in gathered(tracer, one)]
            assert probed[0] is probed[1]
            assert probed[0] is not probed[2]
            assert seen == [
                (one.pid, "/items/0"),
                (other.pid, "/items/1"),
                (changed.pid, "/items/2"),
            ]
            for each in (one, other, changed):
                tracer.forget(each.pid)


def test_what_is_probed_is_traced_without_a_word(tracer: Tracer, program: Path) -> None:
    """A process of a file that is probed already; another file has to be attached to first."""
    until(lambda: not tracer.binaries, "the probes of the test before to go")
    with running(program) as one, running(program) as other:
        assert tracer.trace_known(Process(one.pid)) is None
        probed = tracer.trace(Process(one.pid))

        assert tracer.trace_known(Process(other.pid)) is probed
        assert tracer.binaries == 1
        assert 0 <= tracer.fill < 1
        other.get("/items/1")
        assert [request.path for request in gathered(tracer, other)] == ["/items/1"]
        tracer.forget(one.pid)
        tracer.forget(other.pid)


def test_threads_that_want_the_same_file_wait_for_one(tracer: Tracer, program: Path) -> None:
    """One of them attaches, and all of their processes are traced."""
    until(lambda: not tracer.binaries, "the probes of the test before to go")
    with ExitStack() as stack:
        servers = [stack.enter_context(running(program)) for _ in range(4)]
        with ThreadPoolExecutor(4) as pool:
            probed = list(pool.map(lambda one: tracer.trace(Process(one.pid)), servers))

        assert all(one is probed[0] for one in probed)
        for server in servers:
            tracer.forget(server.pid)


def test_what_is_no_go_program_is_refused(tracer: Tracer) -> None:
    """The error says so, and the tracer goes on."""
    with pytest.raises(BinaryError):
        tracer.trace(Process(os.getpid()))


def test_a_go_program_without_anything_that_is_traced(program: Path) -> None:
    """It is no error, and takes no other program's room."""
    require_tracing()
    tracer = Tracer(probes=[SQL])
    try:
        with running(program) as server:
            probed = tracer.trace(Process(server.pid))
            again = tracer.trace_known(Process(server.pid))
        assert probed is again
        assert probed.uprobes == ()
        assert tracer.binaries == 0
    finally:
        tracer.close()


def test_what_is_no_go_program_is_known_after_the_first_look(tracer: Tracer) -> None:
    """Containers run shells all the time: their files are not read each time."""
    with pytest.raises(BinaryError) as first:
        tracer.trace(Process(os.getpid()))
    with pytest.raises(BinaryError) as second:
        tracer.trace_known(Process(os.getpid()))

    assert first.value is second.value


def test_a_process_that_ended_is_gone(tracer: Tracer) -> None:
    """It may have been there when it was found."""
    ended = subprocess.Popen(["/bin/true"])
    ended.wait()

    with pytest.raises(ProcessGone):
        tracer.trace(Process(ended.pid))
    tracer.forget(ended.pid)


def test_there_is_room_for_so_many_binaries(program: Path, tmp_path: Path) -> None:
    """When the kernel's map is full the next file is refused, and taken when one has gone."""
    require_tracing()
    copy = tmp_path / "server"
    shutil.copy(program, copy)
    tracer = Tracer(limits=Limits(binaries=1))
    try:
        with running(program) as one, running(copy) as other:
            tracer.trace(Process(one.pid))
            with pytest.raises(Full, match="no room"):
                tracer.trace(Process(other.pid))

            tracer.forget(one.pid)
            assert tracer.trace(Process(other.pid)).number == 0
    finally:
        tracer.close()


def test_two_tracers_do_not_meet(tracer: Tracer, server: Server) -> None:
    """Each has its own probes, and each sees everything once."""
    other = Tracer()
    try:
        other.trace(Process(server.pid))
        server.get("/items/1")

        paths = [[one.path for one in gathered(each, server)] for each in (tracer, other)]
        assert paths == [["/items/1"], ["/items/1"]]
    finally:
        other.close()


def test_a_file_under_two_names_is_seen_once(tracer: Tracer, program: Path) -> None:
    """Containers of one image have names of their own for a file, which is then probed twice."""
    with running(program) as server:
        tracer.trace(Process(server.pid))
        with program.open("rb") as file:
            attachments = plan(binary.read(file), PROBES).attachments
            again = tracer._binaries._attach_all(file, attachments)
        replaced = tracer.counters()["replaced"]
        for number in range(5):
            server.get(f"/items/{number}")

        seen = [one.path for one in gathered(tracer, server)]
        assert seen == [f"/items/{number}" for number in range(5)]
        assert tracer.counters()["replaced"] == replaced
        for uprobe in again:
            uprobe.detach()
        tracer.forget(server.pid)


def test_a_kernel_that_attaches_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said at once and once, not of each program: nothing can be traced here."""
    require_tracing()

    def refuse(name: str, *_: object) -> int:
        number = errno.EINVAL if name == "bpf" else errno.EACCES
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(uprobes, "syscalls", SimpleNamespace(call=refuse))
    before = set(os.listdir("/proc/self/fd"))  # noqa: PTH208

    with pytest.raises(CompilerError, match=r"SYS_ADMIN is needed, or Linux 6\.6"):
        Tracer()

    # Meanwhile the garbage collector may close what other tests left.
    assert before >= set(os.listdir("/proc/self/fd"))  # noqa: PTH208


def test_a_trial_that_lacks_something_is_told_of_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The trial is named, not what came before it; nothing stays open or mapped."""
    require_tracing()
    refuse = Mock(side_effect=OSError(errno.EMFILE, os.strerror(errno.EMFILE)))
    monkeypatch.setattr(os, "memfd_create", refuse)
    closed = create_autospec(RingBuffer.close, side_effect=RingBuffer.close)
    monkeypatch.setattr(RingBuffer, "close", closed)
    gc.collect()
    before = set(os.listdir("/proc/self/fd"))  # noqa: PTH208

    with pytest.raises(CompilerError, match=r"^trial of a uprobe, .*: Too many open files$"):
        Tracer()

    assert closed.call_count == 1
    assert before >= set(os.listdir("/proc/self/fd"))  # noqa: PTH208
