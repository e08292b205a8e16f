"""What /proc tells of one process: read-only, bounded in bytes."""

from nodeagent.observing.agents import agents
from nodeagent.observing.budget import Budget
from nodeagent.observing.commandline import clean, kept
from nodeagent.observing.libc import libc
from nodeagent.observing.look import look
from nodeagent.observing.observation import Observation
from nodeagent.observing.runtimes import runtime
from nodeagent.tracing.process import Process


def observe(process: Process, budget: Budget | None = None) -> Observation:
    """What a process runs. Raises ProcessGone.

    Reads at most 3 MiB of /proc, documents of 64 KiB, and once for each file up to 96 MiB of a
    program of Go or Node.js, as long as that is in the budget, which is its own unless it is given.
    The kernel may make it wait while the process holds its own memory's
    lock: not for an event loop's thread.
    """
    budget = budget or Budget()
    seen = look(process, budget)
    language, version = runtime(seen)
    return Observation(
        language,
        version,
        libc(seen),
        agents(seen, language),
        kept(seen.executable, seen.argv, language),
        clean(seen.name),
        is_cut=budget.is_spent,
    )
