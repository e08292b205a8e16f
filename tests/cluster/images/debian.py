"""The one base of all images: Debian with the runtimes of the shop, and busybox for the agents."""

import os
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

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
    """Debian's root file system with Python, Node.js and Java; a minute's work once."""
    return Layer.cached("debian", (SUITE, *_PACKAGES, *_LEFT_OUT), _debian)


@cache
def busybox() -> Layer:
    """A shell and the small programs, in one static file; the agents' images are made on it."""
    return Layer.cached("busybox", (base().digest,), _busybox)


def _busybox(tar: tarfile.TarFile) -> None:
    with tempfile.TemporaryDirectory(prefix="spanhook-busybox-") as folder:
        with tarfile.open(base().path) as debian:
            debian.extract("usr/bin/busybox", folder, filter="data")
        program = Path(folder, "usr/bin/busybox")
        add(tar, program, "bin/busybox")
        listed = subprocess.run([program, "--list"], check=True, capture_output=True, text=True)
    for name in sorted(set(listed.stdout.split()) - {"busybox"}):
        link = tarfile.TarInfo(f"bin/{name}")
        link.type, link.linkname = tarfile.SYMTYPE, "busybox"
        tar.addfile(link)


def _debian(tar: tarfile.TarFile) -> None:
    with tempfile.TemporaryDirectory(prefix="spanhook-debian-") as folder:
        command = [
            *(machine.program("debootstrap"), "--variant=minbase"),
            *(f"--include={','.join(_PACKAGES)}", SUITE, folder, *_mirror()),
        ]
        subprocess.run(command, check=True, capture_output=True, text=True)
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


def _mirror() -> list[str]:
    """The mirror that the machine itself installs from, where it says one."""
    asked = ["apt-get", "indextargets", "--format", "$(SITE) $(RELEASE)"]
    said = subprocess.run(asked, check=True, capture_output=True, text=True).stdout
    sites = [line.split()[0] for line in said.splitlines() if line.split()[1:] == [SUITE]]
    return sites[:1]
