"""Which of a container's processes is its application."""

from collections.abc import Sequence

from nodeagent.observing.observation import Observation
from nodeagent.observing.proc import observe
from nodeagent.tracing.process import Process, ProcessGone


def application(processes: Sequence[Process]) -> tuple[Process, Observation] | None:
    """The process that a container is for, and what it is; None where all of them are gone.

    `processes` are all of the container's at this moment, in any order.
    """
    for process in processes:
        try:
            return process, observe(process)
        except ProcessGone:
            continue
    return None
