"""Programs that run to their end, quietly; what they said is heard when they fail."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

_LINES = 3


class CommandError(Exception):
    """A program that is not there, took too long or ended with another code than 0."""


def run(
    argv: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    seconds: float = 300,
) -> str:
    """Run to the end with these variables added to ours; returns what it printed.

    Raises CommandError with the last lines of what it said.
    """
    name = Path(argv[0]).name
    try:
        done = subprocess.run(
            [str(word) for word in argv],
            cwd=cwd,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=seconds,
            check=False,
        )
    except OSError as error:
        raise CommandError(f"{name}: {error.strerror}") from error
    except subprocess.TimeoutExpired as error:
        raise CommandError(f"{name}: not done after {seconds:.0f} s") from error
    if done.returncode != 0:
        said = [line.strip() for line in done.stdout.splitlines() if line.strip()]
        raise CommandError(f"{name} ended with {done.returncode}: {' / '.join(said[-_LINES:])}")
    return done.stdout
