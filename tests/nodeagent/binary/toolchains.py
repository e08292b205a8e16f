"""Go tool chains of many versions, fetched once into the per-user cache."""

import os
from collections.abc import Callable
from pathlib import Path

from agents.cache import directory
from demo.cache import Cache, contents
from demo.commands import CommandError, run
from demo.runtimes.model import Workshop
from demo.runtimes.wheels import pip_install, wheel

_REQUIREMENTS = Path(__file__).with_name("requirements")
_DEBIAN = "1.19"
NEWEST = "1.27.3"
VERSIONS = (_DEBIAN, "1.23.9", "1.24.11", "1.25.5", "1.26.6", NEWEST)
"""Debian's, and one of each year's since: each one's files differ from those of the one before."""


class UnavailableError(Exception):
    """A tool chain or a program that this machine cannot have; says why."""


def cache() -> Cache:
    """Where tool chains and the programs that they built are kept."""
    return Cache(directory().expanduser().absolute() / "go-programs")


def go(version: str, say: Callable[[str], None]) -> Path:
    """The `go` of a version. Raises UnavailableError."""
    try:
        folder = _folder(version, say)
    except CommandError as error:
        raise UnavailableError(f"no Go {version}: {error}") from error
    # The `go` in a wheel's own bin is a Python program that looks for this one.
    for path in sorted(folder.rglob("bin/go")):
        if path.parent.parent != folder and os.access(path, os.X_OK):
            return path
    raise UnavailableError(f"no Go {version} in {folder}")


def _folder(version: str, say: Callable[[str], None]) -> Path:
    if version == NEWEST:  # the demo's
        return wheel(Workshop(Cache(directory().expanduser().absolute() / "demo"), say), "go")[0]
    requirements = _REQUIREMENTS / f"go-{version}.txt"
    if not requirements.is_file():
        return cache().folder(f"go-{version}", (), lambda into: _debian(version, into, say))

    def install(into: Path) -> None:
        say(f"fetching Go {version}")
        pip_install(requirements, "--target", str(into))

    return cache().folder(f"go-{version}", contents(requirements), install)


def _debian(version: str, into: Path, say: Callable[[str], None]) -> None:
    """Unpacked, not installed: no rights are needed, and what is installed stays as it is."""
    say(f"fetching Go {version} from Debian")
    packages = [f"golang-{version}-{part}" for part in ("go", "src")]
    # As whoever calls: apt's own user may not write into the cache.
    apt = ("apt-get", "--option=APT::Sandbox::User=")
    try:
        run([*apt, "download", *packages], cwd=into, seconds=600)
    except CommandError:  # a new machine has no lists of packages yet
        run([*apt, "update"], seconds=600)
        run([*apt, "download", *packages], cwd=into, seconds=600)
    for package in sorted(into.glob("*.deb")):
        run(["dpkg-deb", "--extract", package, into])
        package.unlink()
