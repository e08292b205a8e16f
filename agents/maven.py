"""One pinned file from Maven."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from agents import pip
from agents.command import BuildError, run

# Runs with the fetcher's own directory on the path, so that this package does not depend on it.
_FETCH = """
import sys
sys.path.insert(0, sys.argv[1])
from jgo.maven import MavenContext
project = MavenContext().project(sys.argv[2], sys.argv[3])
path = project.at_version(sys.argv[4]).artifact().resolve()
open(sys.argv[5], "w").write(str(path))
"""


@dataclass(frozen=True, slots=True)
class Pin:
    """Coordinates of one jar, and its SHA-256 in hex."""

    group: str
    artifact: str
    version: str
    sha256: str


def read(file: Path) -> Pin:
    """Read a pin from a JSON object with the fields of `Pin`."""
    return Pin(**json.loads(file.read_text(encoding="utf-8")))


def fetch(python: Path, pin: Pin, requirements: Path, into: Path) -> None:
    """Write the pinned jar to the file `into`. Raises BuildError where its checksum is another."""
    with tempfile.TemporaryDirectory(dir=into.parent) as scratch:
        tool, answer = Path(scratch) / "tool", Path(scratch) / "answer"
        pip.install(python, requirements, tool)
        coordinates = (pin.group, pin.artifact, pin.version)
        run((python, "-I", "-c", _FETCH, tool, *coordinates, answer))
        jar = Path(answer.read_text(encoding="utf-8"))
        shutil.copyfile(jar, into)
    found = hashlib.sha256(into.read_bytes()).hexdigest()
    if found != pin.sha256:
        into.unlink()
        raise BuildError(f"{pin.artifact} {pin.version}: SHA-256 {found}, pinned {pin.sha256}")
