"""`spanhook node-agent --standalone`, as anybody would start it, and what it says of its spans."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, cast

from bench.nodeagent.programs import Running, pinned
from bench.processes import Process

_COUNT = re.compile(r"(\w+) (\d+)")
_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent that runs. `counts` are the numbers of its last line, once it has ended."""

    process: Process
    said: IO[str]
    counts: dict[str, int] = field(default_factory=dict)

    def wait(self, processes: int) -> None:
        """Until it has begun to trace so many more. Raises RuntimeError when it ends before."""
        lines: list[str] = []
        while sum(line.startswith("tracing process ") for line in lines) < processes:
            lines.append(self.said.readline())
            if not lines[-1]:
                raise RuntimeError(f"the node agent has ended: {''.join(lines)}")

    @property
    def losses(self) -> int:
        """Spans that were made, or should have been, and did not come: counted by itself."""
        lost = ("dropped", "failed", "lost", "replaced", "untracked")
        return sum(self.counts.get(name, 0) for name in lost)


@contextmanager
def tracing(
    targets: Sequence[str], collector: Running, *, processes: int, on: set[int] | None = None
) -> Iterator[Agent]:
    """An agent with these options that sends to the collector; it ends with the block.

    Raises RuntimeError where it does not trace so many processes.
    """
    command = str(Path(sys.executable).with_name("spanhook"))
    endpoint = f"http://{collector.addresses[0]}"
    argv = [command, "node-agent", "--standalone", *targets, "--endpoint", endpoint]
    with pinned(on), subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as popen:
        try:
            said = cast(IO[str], popen.stdout)
            agent = Agent(Process(popen.pid), said)
            agent.wait(processes)
            yield agent
            popen.send_signal(signal.SIGTERM)
            agent.counts.update(_counts(popen.communicate(timeout=_SECONDS)[0]))
        finally:
            popen.kill()


def pids(servers: Iterable[Running]) -> list[str]:
    """Options that name these processes."""
    return [word for server in servers for word in ("--pid", str(server.process.pid))]


def _counts(text: str) -> dict[str, int]:
    line = next(line for line in text.splitlines() if line.startswith("spans: "))
    return {name: int(count) for name, count in _COUNT.findall(line)}
