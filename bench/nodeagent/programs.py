"""The Go program of the benchmark, see programs/main.go: built once, run in several roles."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import IO, Any, cast

from bench.processes import Process
from demo.cache import contents
from demo.commands import CommandError, run
from tests.nodeagent.binary.toolchains import NEWEST, UnavailableError, cache, go

_SOURCE = Path(__file__).with_name("programs")
_SETTINGS = {"GOFLAGS": "", "GOTOOLCHAIN": "local", "GOWORK": "off", "GOPROXY": "off"}


def built(say: Callable[[str], None]) -> Path:
    """The executable, stripped. Raises tests.nodeagent.binary.toolchains.UnavailableError."""

    def make(into: Path) -> None:
        say("building the Go program: once, about 20 s on two idle cores")
        command = go(NEWEST, say)
        cached = os.environ.get("GOCACHE", str(cache().root / "build"))
        run(
            [command, "build", "-trimpath", "-ldflags=-s -w", "-o", into / "bench", "."],
            cwd=_SOURCE,
            env=_SETTINGS | {"CGO_ENABLED": "0", "GOCACHE": cached},
            seconds=900,
        )

    try:
        return cache().folder("bench", (NEWEST, *contents(_SOURCE)), make) / "bench"
    except CommandError as error:
        raise UnavailableError(f"no Go program: {error}") from error


@dataclass(frozen=True, slots=True)
class Running:
    """A role that runs; `addresses` are what it listens on, as `host:port`."""

    popen: subprocess.Popen[str]
    addresses: Sequence[str]

    @property
    def process(self) -> Process:
        """What the kernel says of it."""
        return Process(self.popen.pid)


@contextmanager
def running(
    program: Path,
    role: str,
    *,
    on: set[int] | None = None,
    errors: IO[str] | int = subprocess.DEVNULL,
    variables: Mapping[str, str] | None = None,
) -> Iterator[Running]:
    """A role that listens, while it runs; on these cores, where they are said."""
    with (
        pinned(on),
        subprocess.Popen(
            [program, role],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env={**os.environ, **(variables or {})},
        ) as popen,
    ):
        try:
            addresses = cast(IO[str], popen.stdout).readline().split()
            if not addresses:
                raise RuntimeError(f"{role} ended before it was ready")
            yield Running(popen, addresses)
        finally:
            popen.kill()


@contextmanager
def pinned(on: set[int] | None) -> Iterator[None]:
    """What is started within stays on these cores."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, on or before)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def told(program: Path, role: str, options: Mapping[str, object], seconds: float) -> Any:
    """What a role that runs to its end prints, as JSON. Raises CommandError."""
    argv = [str(word) for name, value in options.items() for word in (f"-{name}", value)]
    return json.loads(run([program, role, *argv], seconds=seconds))


@dataclass(frozen=True, slots=True)
class Tally:
    """Spans that have come to a collector, see programs/collect.go."""

    spans: int
    server: int
    marked: int
    again: int
    same_id: int
    joined: int = 0


def tally(collector: Running) -> Tally:
    """What has come so far."""
    connection = HTTPConnection(collector.addresses[0], timeout=30)
    try:
        connection.request("GET", "/")
        return Tally(**json.loads(connection.getresponse().read()))
    finally:
        connection.close()
