"""`spanhook node-agent --standalone`, as anybody would start it, and what it says of its spans."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
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
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def losses(self) -> int:
        """Spans that were made, or should have been, and did not come: counted by itself."""
        lost = ("dropped", "failed", "lost", "replaced", "untracked")
        return sum(self.counts.get(name, 0) for name in lost)


@contextmanager
def tracing(
    servers: Sequence[Running],
    collector: Running,
    *options: str,
    on: set[int] | None = None,
) -> Iterator[Agent]:
    """An agent that traces these servers and sends to the collector; it ends with the block.

    Raises RuntimeError where it does not trace all of them.
    """
    command = str(Path(sys.executable).with_name("spanhook"))
    pids = [word for server in servers for word in ("--pid", str(server.process.pid))]
    endpoint = f"http://{collector.addresses[0]}"
    argv = [command, "node-agent", "--standalone", *pids, "--endpoint", endpoint, *options]
    with pinned(on), subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as popen:
        try:
            said = cast(IO[str], popen.stdout)
            _wait(said, len(servers))
            agent = Agent(Process(popen.pid))
            yield agent
            popen.send_signal(signal.SIGTERM)
            agent.counts.update(_counts(popen.communicate(timeout=_SECONDS)[0]))
        finally:
            popen.kill()


def _wait(said: IO[str], servers: int) -> None:
    lines: list[str] = []
    for line in said:
        lines.append(line)
        if sum(one.startswith("tracing process ") for one in lines) == servers:
            return
    raise RuntimeError(f"not traced: {''.join(lines)}")


def _counts(text: str) -> dict[str, int]:
    line = next(line for line in text.splitlines() if line.startswith("spans: "))
    return {name: int(count) for name, count in _COUNT.findall(line)}
