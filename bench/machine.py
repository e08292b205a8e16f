"""The machine in neutral words."""

import os
import platform


def machine() -> str:
    """How many cores of which kind, and which Python."""
    count = len(os.sched_getaffinity(0))
    return f"{count} cores ({platform.machine()}), Python {platform.python_version()}"
