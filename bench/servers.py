"""The servers under load, each a process of its own; pinned to a core where one is said."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import IO, cast

from bench.bodies import Json
from bench.processes import Process
from certs.directory import Directory


@dataclass(frozen=True, slots=True)
class Served:
    """A server that runs. `seconds` is how long it took to get ready."""

    process: Process
    port: int
    authority: Path
    seconds: float


def cores() -> tuple[set[int], set[int]]:
    """The cores of the server and of the load; the same where there is only one."""
    usable = sorted(os.sched_getaffinity(0))
    return {usable[0]}, {usable[-1]}


@contextmanager
def spanhook(
    directory: Path, options: Sequence[str] = ("--standalone",), on: set[int] | None = None
) -> Iterator[Served]:
    """`spanhook serve`, as anybody would start it."""
    command = str(Path(sys.executable).with_name("spanhook"))
    serve = [command, "serve", *options, "--port", "0", "--cert-dir", str(directory)]
    with _started(serve, directory, on) as served:
        yield served


@contextmanager
def floor(
    directory: Path, patches: Mapping[int, Sequence[Json]] | None = None, on: set[int] | None = None
) -> Iterator[Served]:
    """The floor, with the same kind of certificate. `patches`: injections by containers."""
    Directory(directory).ensure(["localhost", "127.0.0.1"], datetime.now(UTC))
    files = [str(directory / name) for name in ("tls.crt", "tls.key", "patches.json")]
    Path(files[-1]).write_text(json.dumps(patches or {}))
    with _started([sys.executable, "-m", "bench.floor", *files], directory, on) as served:
        yield served


@contextmanager
def _started(command: Sequence[str], directory: Path, on: set[int] | None) -> Iterator[Served]:
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, on or before)  # inherited by the process and all its threads
    started = perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        os.sched_setaffinity(0, before)
        try:
            port = _port(cast(IO[bytes], process.stdout).readline().decode())
            authority = Directory(directory).authority_file
            yield Served(Process(process.pid), port, authority, perf_counter() - started)
        finally:
            process.terminate()


def _port(line: str) -> int:
    """The port in the line that a server says when it is ready. RuntimeError if it says none."""
    if not line:
        raise RuntimeError("a server ended before it was ready")
    return int(line.partition("127.0.0.1:")[2].partition("/")[0] or line)
