"""The files that git tracks, for tests about the repository itself."""

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


@cache
def tracked(suffix: str = "") -> tuple[Path, ...]:
    """Paths relative to ROOT of the tracked files that exist and whose name ends in `suffix`."""
    # A continuous integration's checkout often belongs to another user than the one who tests.
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    paths = (Path(name) for name in listed.split("\0") if name.endswith(suffix) and name)
    return tuple(path for path in paths if (ROOT / path).is_file())


def text_of(path: Path) -> str:
    """The content of a tracked file; the empty string for a binary one."""
    content = (ROOT / path).read_bytes()
    return "" if b"\0" in content else content.decode(errors="replace")
