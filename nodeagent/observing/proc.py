"""What /proc tells of one process: read-only, bounded in bytes."""

from nodeagent.observing.observation import Observation
from nodeagent.tracing.process import Process


def observe(process: Process) -> Observation:
    """What a process runs. Raises ProcessGone."""
    return Observation(process_name=process.name())
