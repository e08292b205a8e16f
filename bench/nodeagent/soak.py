"""`python -m bench.nodeagent.soak`: a traced server under a long mixture of requests.

Every answer is compared with what it must be, and every request must be a span or a counted loss.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.nodeagent import programs
from bench.nodeagent.agent import pids, tracing
from bench.nodeagent.programs import Tally
from bench.tables import megabytes
from nodeagent.kernel.checks import checks
from tests.nodeagent.binary.toolchains import UnavailableError

_SLACK = 120
"""Seconds that a run may take beyond what its rate asks for, twice over."""


@dataclass(frozen=True, slots=True)
class Soaked:
    """What was sent, answered, and seen of it; see Outcome in programs/soak.go."""

    outcome: dict[str, Any]
    tally: Tally
    counts: dict[str, int]
    losses: int
    resident: tuple[int, int]
    """The agent's memory when it has begun and in the end, in bytes."""
    complaints: str
    """What the server wrote to stderr."""
    alive: bool

    @property
    def expected(self) -> int:
        """Spans that have to come: of an inner request both the client's and the server's."""
        outcome = self.outcome
        return int(outcome["marked"] + outcome["unmarked"] + 2 * outcome["inner"])

    def faults(self) -> list[str]:
        """All that is not as it must be, in words."""
        missing = self.expected - self.tally.spans
        wrong, complaints = self.outcome["wrong"], self.outcome["complaints"]
        too_many = missing < 0 or self.tally.marked > self.outcome["marked"]
        found = (
            (not self.alive, "the server has ended"),
            (self.complaints, f"the server complains: {self.complaints[:2000]}"),
            (wrong, f"{wrong} wrong answers: {complaints}"),
            (self.tally.again, f"{self.tally.again} requests have two spans"),
            (self.tally.same_id, f"{self.tally.same_id} spans have the ID of another"),
            (too_many, f"more spans than requests: {self.tally}"),
            (
                missing != self.losses,
                f"{missing} spans are missing, {self.losses} losses are counted",
            ),
        )
        return [text for is_so, text in found if is_so]


def soaked(program: Path, requests: int, rate: float) -> Soaked:
    """Run it. Raises RuntimeError or CommandError where something does not start or end."""
    with (
        tempfile.TemporaryFile("w+") as errors,
        programs.running(program, "serve", errors=errors) as server,
        programs.running(program, "collect") as collector,
    ):
        # All that the machine allows is on: what passes traces on changes what is sent.
        targets = [*pids([server]), "--propagation", "auto"]
        with tracing(targets, collector, processes=1) as agent:
            before = agent.process.resident_bytes
            plain, secure = server.addresses
            asked = {"requests": requests, "rate": rate, "plain": plain, "secure": secure}
            seconds = _SLACK + 2 * requests / min(rate, 2000)
            outcome = programs.told(program, "soak", asked, seconds)
            after = agent.process.resident_bytes
        alive = server.popen.poll() is None
        errors.seek(0)
        tally, said = programs.tally(collector), errors.read()
        return Soaked(outcome, tally, agent.counts, agent.losses, (before, after), said, alive)


def main() -> int:
    """Run the soak; 1 when anything is not as it must be."""
    parser = argparse.ArgumentParser(prog="python -m bench.nodeagent.soak", description=__doc__)
    parser.add_argument("--requests", type=int, default=1_000_000)
    parser.add_argument("--rate", type=float, default=5_000, help="requests a second, at most")
    options = parser.parse_args()
    lacking = [check.says for check in checks() if check.lacks]
    if lacking:
        print(f"nothing can be traced here: {'; '.join(lacking)}")
        return 1
    try:
        result = soaked(programs.built(print), options.requests, options.rate)
    except UnavailableError as error:
        print(error)
        return 1
    _show(result, print)
    return 1 if result.faults() else 0


def _show(result: Soaked, say: Callable[[str], None]) -> None:
    outcome, tally = result.outcome, result.tally
    say(
        f"{outcome['requests']:,} requests in {outcome['seconds']:.0f} s, "
        f"{outcome['wrong']} wrong answers, {outcome['unsampled']:,} not to be sampled"
    )
    say(
        f"{tally.spans:,} spans of {result.expected:,}, "
        f"{tally.joined:,} of them in a trace that was passed on"
    )
    say(f"the agent counts: {result.counts}")
    before, after = map(megabytes, result.resident)
    say(f"the agent's memory: {before}, in the end {after}")
    for fault in result.faults():
        say(f"FAULT: {fault}")


if __name__ == "__main__":
    sys.exit(main())
