"""The command as a process, against a running program and an OTLP receiver."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.agents.receiver import receiving
from tests.console.commandline import run
from tests.nodeagent.machine import require_tracing
from tests.nodeagent.tracing.servers import running
from tests.waiting import until

_COMMAND = [sys.executable, "-m", "console", "node-agent"]


@pytest.mark.parametrize("way", ["pid", "exe"])
def test_spans_arrive_at_the_receiver(program: Path, way: str) -> None:
    """From the first request after `tracing` was said to the last before SIGTERM."""
    require_tracing()
    with receiving() as receiver, running(program) as server:
        target = ["--pid", str(server.pid)] if way == "pid" else ["--exe", str(program)]
        command = [*_COMMAND, "--standalone", *target, "--endpoint", receiver.endpoint]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as agent:
            try:
                assert agent.stdout is not None
                said = agent.stdout.readline()
                for number in range(23):
                    server.get(f"/items/{number}")
                agent.send_signal(signal.SIGTERM)
                rest = agent.stdout.read()
            finally:
                agent.kill()
        spans = receiver.spans("unknown_service:server")

    assert said.startswith(f"tracing process {server.pid}: unknown_service:server, Go 1.")
    assert [span.name for span in spans] == ["GET /items/"] * 23
    assert "spans: sent 23, dropped 0, failed 0, lost 0" in rest
    assert agent.returncode == 0


def test_it_ends_with_its_process(program: Path) -> None:
    """Exit code 0 when the process given by --pid has ended."""
    require_tracing()
    with running(program) as server:
        command = [*_COMMAND, "--standalone", "--pid", str(server.pid)]
        agent = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert agent.stdout is not None
        agent.stdout.readline()
    with agent:
        until(lambda: agent.poll() is not None, "the end of the agent")

    assert agent.returncode == 0


def test_in_a_name_space_of_its_own_it_does_not_begin(tmp_path: Path) -> None:
    """It would say that it traces, and see nothing: the kernel counts processes otherwise."""
    require_tracing()
    command = ["unshare", "--pid", "--fork", "--mount-proc", *_COMMAND, "--standalone", "--pid=1"]
    said, deadline = tmp_path / "said", 60
    with said.open("w") as output:
        done = subprocess.run(command, stderr=output, timeout=deadline, check=False)

    assert done.returncode not in {0, None}
    assert "hostPID" in said.read_text()


def test_check_says_what_is_there() -> None:
    """A line for each thing; 0 where all of them are there."""
    require_tracing()
    done = subprocess.run([*_COMMAND, "--check"], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout
    *lines, last = done.stdout.splitlines()
    assert all(line.startswith("ok  ") for line in lines if "propagation by" not in line)
    assert last == "Go programs can be traced"
    assert "propagation by sk-msg: can be used" in done.stdout
    assert "ok  programs: compiled, loaded and attached" in done.stdout


@pytest.mark.parametrize(
    ("target", "why"),
    [
        (["--pid=4194305"], "process 4194305 is not traced: there is no such process"),
        (["--pid=2"], "process 2 is not traced: it runs no file"),
        (["--pid={own}"], "process {own} is not traced: not a Go program"),
        (["--exe=/bin/sh"], "/bin/sh: not a Go program"),
    ],
    ids=["gone", "kernel", "not-go", "file"],
)
def test_what_cannot_be_traced(target: list[str], why: str) -> None:
    """It ends with 1 and says why: nothing else was asked for."""
    require_tracing()
    own = os.getpid()
    command = [*_COMMAND, "--standalone", *(one.format(own=own) for one in target)]

    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    assert done.returncode == 1
    assert why.format(own=own) in done.stdout + done.stderr


def test_without_capabilities_they_are_named() -> None:
    """And not the compiler, which is refused for the same reason."""
    require_tracing()
    command = ["setpriv", "--bounding-set=-bpf,-sys_admin", *_COMMAND, "--standalone", "--pid=1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "tracing cannot begin: missing: BPF;" in done.stderr


def test_a_file_whose_processes_are_to_come(program: Path) -> None:
    """It is said that they are waited for."""
    require_tracing()
    command = [*_COMMAND, "--standalone", "--exe", str(program)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as agent:
        assert agent.stdout is not None
        said = agent.stdout.readline()
        agent.terminate()
        agent.stdout.read()

    assert said == f"waiting for processes of {program}\n"
    assert agent.returncode == 0


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ([], "--node-name"),
        (["--standalone"], "--pid"),
        (["--standalone", "--pid", "0"], "--pid"),
        (["--pid", "1"], "--standalone"),
        (["--service-name", "shop", "--node-name", "one"], "--service-name"),
        (["--standalone", "--pid", "1", "--node-name", "one"], "--node-name"),
        (["--check", "--propagation", "off"], "--propagation"),
        (["--standalone", "--pid", "1", "--endpoint", "localhost:4318"], "http://HOST:PORT"),
        (["--standalone", "--pid", "1", "--endpoint", "http://localhost:x"], "http://HOST:PORT"),
    ],
    ids=" ".join,
)
def test_wrong_use(options: list[str], named: str) -> None:
    """Exit code 2, and what to say instead."""
    ran = run("node-agent", *options)

    assert ran.code == 2
    assert named in ran.stderr
