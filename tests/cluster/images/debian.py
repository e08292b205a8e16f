"""The one base of all images: Debian with the runtimes of the shop, and busybox for the agents."""

import os
import tarfile
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from agents.command import run as build
from demo.commands import run
from tests.cluster.binaries.progress import Progress
from tests.cluster.images.layers import Layer, add
from tests.cluster.node import machine

SUITE = "bookworm"
PYTHON = "3.11"
"""The suite's version of Python."""

_PACKAGES = ("busybox-static", "nodejs", "openjdk-17-jre-headless", "python3")

# What a container never reads: half of the installation.
_LEFT_OUT = (
    *("usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/info", "usr/share/i18n"),
    *("var/cache", "var/lib/apt", "var/lib/dpkg", "var/log", "dev", "proc", "sys"),
)


@cache
def base() -> Layer:
    """Debian's root file system with Python, Node.js and Java; a minute's work once.

    Raises agents.command.BuildError.
    """
    return Layer.cached("debian", (SUITE, *_PACKAGES, *_LEFT_OUT), _debian)


@cache
def busybox() -> Layer:
    """A shell and the small programs, in one static file; the agents' images are made on it."""
    return Layer.cached("busybox", (base().digest,), _busybox)


def _busybox(tar: tarfile.TarFile) -> None:
    with tempfile.TemporaryDirectory(prefix="spanhook-busybox-") as folder:
        program = Path(folder, "busybox")
        # One file, by hand: tarfile's extraction filters are younger than Debian 12's Python.
        with tarfile.open(base().path) as debian:
            packed = debian.extractfile("usr/bin/busybox")
            assert packed is not None, "the Debian has no busybox"
            program.write_bytes(packed.read())
        program.chmod(0o755)
        add(tar, program, "bin/busybox")
        applets = set(run([program, "--list"]).split())
    for name in sorted(applets - {"busybox"}):
        link = tarfile.TarInfo(f"bin/{name}")
        link.type, link.linkname = tarfile.SYMTYPE, "busybox"
        tar.addfile(link)


def _debian(tar: tarfile.TarFile) -> None:
    with tempfile.TemporaryDirectory(prefix="spanhook-debian-") as folder:
        command = [
            *(machine.program("debootstrap"), "--variant=minbase"),
            *(f"--include={','.join(_PACKAGES)}", SUITE, folder, *mirror()),
        ]
        with Progress().step("making a Debian with the services' runtimes", 60):
            build(command)
        root = Path(folder)
        for path in _kept(root):
            add(tar, path, str(path.relative_to(root)))


def _kept(root: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(root):
        folder = Path(place)
        folders[:] = sorted(
            name for name in folders if str((folder / name).relative_to(root)) not in _LEFT_OUT
        )
        yield from (folder / name for name in sorted([*folders, *files]))


def mirror() -> list[str]:
    """The mirror that this machine installs from, where it has one: it has other suites, too."""
    asked = ["apt-get", "indextargets", "--format", "$(SITE)", "Label: Debian"]
    return run(asked).splitlines()[:1]
