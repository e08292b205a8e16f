"""Runtimes that are on this machine already."""

import re
import shutil
from pathlib import Path

from demo.commands import CommandError, run

Version = tuple[int, ...]

_VERSION = re.compile(r"\d+(?:\.\d+)*")


def find(program: str, *question: str, oldest: Version) -> tuple[Path, str] | None:
    """The program on the PATH and its version, where it is there and not older than `oldest`."""
    found = shutil.which(program)
    if found is None:
        return None
    try:
        answer = run([found, *question], seconds=30)
    except CommandError:  # a version manager's shim without a version behind it
        return None
    version = _VERSION.search(answer)
    if version is None or _numbers(version[0]) < oldest:
        return None
    return Path(found), version[0]


def _numbers(version: str) -> Version:
    return tuple(int(number) for number in version.split("."))
