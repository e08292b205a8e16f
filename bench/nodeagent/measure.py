"""Run the measurements of the node agent, one after the other."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.machine import machine
from bench.nodeagent import growth, overhead, pace, programs
from bench.nodeagent.figures import Report
from nodeagent.kernel.checks import checks
from tests.cluster import UnavailableError
from tests.nodeagent.binary import toolchains

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured.

    Rounds and requests of each; seconds by requests a second and the part of them that is kept;
    processes that come and go.
    """

    rounds: int
    requests: int
    paces: Sequence[tuple[int, float, int]]
    processes: int


STEADY, SAMPLED, MANY = (5_000, 1.0), (20_000, 0.1), (25_000, 1.0)
"""Requests a second and the part of them that is kept, see `page.tables`."""

EFFORTS = {
    "thorough": Effort(12, 20_000, ((*STEADY, 60), (*SAMPLED, 20), (*MANY, 10)), 1_000),
    "quick": Effort(2, 5_000, ((*STEADY, 4), (*SAMPLED, 4), (*MANY, 4)), 100),
}


def measure(directory: Path, effort: Effort, tell: Tell) -> Report:
    """All figures. Raises UnavailableError where nothing can be traced."""
    lacking = [check.says for check in checks() if check.lacks]
    if lacking:
        raise UnavailableError(f"nothing can be traced here: {'; '.join(lacking)}")
    try:
        program = programs.built(tell)
    except toolchains.UnavailableError as error:
        raise UnavailableError(str(error)) from error
    requests = overhead.measured(program, directory, effort.rounds, effort.requests, tell)
    paces = []
    for rate, ratio, seconds in effort.paces:
        tell(f"{rate:,} requests/s for {seconds} s, sampled {ratio}")
        paces.append(pace.kept(program, rate, ratio, seconds))
    tell("attaching")
    attaching = growth.attached(program, directory)
    tell("binaries and processes")
    grown = growth.grown(program, directory, effort.processes)
    return Report(machine(), requests, tuple(paces), grown, attaching)
