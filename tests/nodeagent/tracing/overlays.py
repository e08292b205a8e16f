"""File systems as containers of one image have them: each its own, over the same files."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest


@contextmanager
def overlays(program: Path, folder: Path, count: int) -> Iterator[list[Path]]:
    """A program's path in each of so many overlays; the test is skipped where none can be made."""
    lower = folder / "lower"
    lower.mkdir()
    shutil.copy(program, lower / program.name)
    with ExitStack() as stack:
        yield [
            _overlay(stack, lower, folder / str(number)) / program.name for number in range(count)
        ]


def _overlay(stack: ExitStack, lower: Path, folder: Path) -> Path:
    upper, work, merged = (folder / name for name in ("upper", "work", "merged"))
    for each in (upper, work, merged):
        each.mkdir(parents=True)
    options = f"lowerdir={lower},upperdir={upper},workdir={work}"
    command = ["mount", "-t", "overlay", "overlay", "-o", options, str(merged)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no overlay here: {done.stderr}")
    stack.callback(subprocess.run, ["umount", "-l", str(merged)], check=True)
    return merged
