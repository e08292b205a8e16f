"""Applications run as processes, with the environment that a pod's container would have."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.agents.receiver import Receiver

# What the machine's own environment must not add to an application's.
_LEFT_OUT = ("OTEL_", "PYTHON", "NODE_", "JAVA_", "SPANHOOK_", "VIRTUAL_ENV", "COVERAGE_")


def environment(receiver: Receiver, service: str, **more: str) -> dict[str, str]:
    """Return the variables that every language gets, and `more`."""
    kept = {name: v for name, v in os.environ.items() if not name.startswith(_LEFT_OUT)}
    return kept | {
        "OTEL_SERVICE_NAME": service,
        "OTEL_EXPORTER_OTLP_ENDPOINT": receiver.endpoint,
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "OTEL_TRACES_EXPORTER": "otlp",
        "OTEL_METRICS_EXPORTER": "none",
        "OTEL_LOGS_EXPORTER": "none",
        "OTEL_BSP_SCHEDULE_DELAY": "100",
        **more,
    }


def free_port() -> int:
    """Return a port on loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(frozen=True, slots=True)
class Serving:
    """A server that answers on `port`; what it writes goes to `log`."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    def get(self, path: str = "/hello/1") -> str:
        """Return the body of a page."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            text: str = answer.read().decode()
            return text

    def agent_lines(self) -> list[str]:
        """Return what the agent has said on stderr."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return [line for line in lines if line.startswith("spanhook:")]


def _answers(serving: Serving) -> bool:
    try:
        serving.get()
    except (urllib.error.URLError, OSError):
        return False
    return True


def _wait_for_answer(serving: Serving, seconds: float) -> None:
    # Waiting for the end of the process is the clock here: an application that dies is noticed.
    for _ in range(int(seconds / 0.05)):
        if _answers(serving):
            return
        try:
            serving.process.wait(0.05)
        except subprocess.TimeoutExpired:
            continue
        break
    raise AssertionError(f"no answer; it wrote:\n{serving.log.read_text(errors='replace')}")


@contextmanager
def serving(
    argv: Sequence[object], environ: Mapping[str, str], directory: Path, seconds: float = 30
) -> Iterator[Serving]:
    """Start a server with `{port}` in its arguments filled in; it is ended with its children."""
    port = free_port()
    arguments = [str(part).replace("{port}", str(port)) for part in argv]
    log = directory / f"log-{port}"
    with log.open("wb") as output:
        process = subprocess.Popen(
            arguments,
            cwd=directory,
            env=dict(environ) | {"PORT": str(port)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    started = Serving(process, port, log)
    try:
        _wait_for_answer(started, seconds)
        yield started
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    # The session is the process's own: its group is what it has started.
    for how in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, how)
        except ProcessLookupError:
            break
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            continue
    process.wait()


def finish(
    argv: Sequence[object], environ: Mapping[str, str], directory: Path
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end and return what it wrote."""
    return subprocess.run(
        [str(part) for part in argv],
        cwd=directory,
        env=dict(environ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
