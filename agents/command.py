"""Running the package managers."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path


class BuildError(RuntimeError):
    """An agent could not be built; the text names the tool and its last lines."""


def run(argv: Sequence[str | Path], *, cwd: Path | None = None) -> None:
    """Run a tool to its end. Raises BuildError with the tail of its output where it fails."""
    # The tools are Python and Node.js programs themselves: no agent in them.
    environ = {k: v for k, v in os.environ.items() if k not in {"PYTHONPATH", "NODE_OPTIONS"}}
    try:
        done = subprocess.run(  # noqa: S603 - fixed command lines of package managers
            [str(part) for part in argv],
            cwd=cwd,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    except OSError as error:
        raise BuildError(f"{argv[0]} cannot be run: {error}") from error
    if done.returncode:
        tail = "\n".join(done.stdout.strip().splitlines()[-12:])
        raise BuildError(f"{Path(argv[0]).name} ended with {done.returncode}:\n{tail}")
