"""The servers under load: each a process pinned to one core, with the load on another."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import IO, cast

from certs.directory import Directory

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Served:
    """A server that runs. `seconds` is how long it took to get ready."""

    process: int
    port: int
    authority: Path
    seconds: float

    @property
    def resident_bytes(self) -> int:
        """Resident memory now."""
        fields = Path(f"/proc/{self.process}/statm").read_text(encoding="ascii").split()
        return int(fields[1]) * os.sysconf("SC_PAGE_SIZE")

    @property
    def cpu_seconds(self) -> float:
        """Processor time of all threads so far, in user and system mode."""
        stat = Path(f"/proc/{self.process}/stat").read_text(encoding="ascii")
        user, system = stat.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / _TICKS


def cores() -> tuple[set[int], set[int]]:
    """The cores of the server and of the load; the same where there is only one."""
    usable = sorted(os.sched_getaffinity(0))
    return {usable[0]}, {usable[-1]}


@contextmanager
def spanhook(directory: Path) -> Iterator[Served]:
    """`spanhook serve --standalone`, as anybody would start it."""
    command = str(Path(sys.executable).with_name("spanhook"))
    serve = [command, "serve", "--standalone", "--port", "0", "--cert-dir", str(directory)]
    with _started(serve, directory) as served:
        yield served


@contextmanager
def floor(directory: Path) -> Iterator[Served]:
    """The floor, with the same kind of certificate."""
    Directory(directory).ensure(["localhost"], datetime.now(UTC))
    files = [str(directory / name) for name in ("tls.crt", "tls.key")]
    with _started([sys.executable, "-m", "bench.floor", *files], directory) as served:
        yield served


@contextmanager
def _started(command: Sequence[str], directory: Path) -> Iterator[Served]:
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores()[0])  # inherited by the process and all its threads
    started = perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        os.sched_setaffinity(0, before)
        try:
            port = _port(cast(IO[bytes], process.stdout).readline().decode())
            authority = Directory(directory).authority_file
            yield Served(process.pid, port, authority, perf_counter() - started)
        finally:
            process.terminate()


def _port(line: str) -> int:
    """The port in the line that a server says when it is ready. RuntimeError if it says none."""
    if not line:
        raise RuntimeError("a server ended before it was ready")
    return int(line.partition("127.0.0.1:")[2].partition("/")[0] or line)
