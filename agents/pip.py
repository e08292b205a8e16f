"""Packages from pip: pinned, by hash, for interpreters other than the one that runs."""

from __future__ import annotations

import platform
import shutil
import sys
import tempfile
from pathlib import Path

from agents.command import run

# The versions that the agent serves. The pure packages are chosen for the oldest.
VERSIONS = ("3.10", "3.11", "3.12", "3.13", "3.14")

# Oldest platforms first wins nothing: pip takes any of them that a wheel names.
_TAGS = {
    "glibc": ("manylinux_2_17", "manylinux2014", "manylinux_2_12", "manylinux2010", "manylinux1"),
    "musl": ("musllinux_1_2", "musllinux_1_1"),
}


def install(python: Path, requirements: Path, into: Path, *options: str) -> None:
    """Install exactly what `requirements` lists, wheels only, into the directory `into`."""
    fixed = ("--quiet", "--no-deps", "--require-hashes", "--only-binary=:all:", "--no-compile")
    silent = ("--disable-pip-version-check", "--no-input", "--root-user-action=ignore")
    pip = (python, "-I", "-m", "pip", "install", *fixed, *silent)
    run((*pip, "--upgrade", "--target", into, *options, "-r", requirements))


def install_pure(python: Path, requirements: Path, into: Path) -> None:
    """Install packages that are the same on every platform."""
    install(python, requirements, into, "--python-version", VERSIONS[0], "--platform", "any")


def install_compiled(python: Path, requirements: Path, into: Path, libc: str) -> None:
    """Install packages with compiled parts for all of VERSIONS and one C library, side by side.

    A compiled module's file name says its interpreter, so all of them fit into one directory.
    """
    for version in VERSIONS:
        with tempfile.TemporaryDirectory(dir=into.parent) as scratch:
            install(python, requirements, Path(scratch), *_target(version, libc))
            shutil.copytree(scratch, into, dirs_exist_ok=True)


def _target(version: str, libc: str) -> list[str]:
    if sys.platform != "linux":
        return []  # a developer's machine: what suits its own interpreter
    architecture = platform.machine()
    tags = [f"--platform={tag}_{architecture}" for tag in _TAGS[libc]]
    return [f"--python-version={version}", "--implementation=cp", *tags]
