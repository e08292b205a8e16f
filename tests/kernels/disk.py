"""What the machines are started from: Debian with Python and bcc, and the kernels beside it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from agents.cache import directory
from demo.cache import Cache
from tests.cluster.images.debian import mirror
from tests.kernels.releases import PACKAGE, RELEASES

ROOT = Path(__file__).parents[2]
_SUITE, _PYTHON = "bookworm", "3.11"
_PACKAGES = ("python3", "python3-bpfcc", "initramfs-tools", "kmod", "iproute2", "procps", "gcc")
_INIT = Path(__file__).with_name("init.sh")
_LOCK = ROOT / "requirements" / "dev.txt"
_PLATFORMS = ("manylinux_2_17_x86_64", "manylinux2014_x86_64", "manylinux_2_28_x86_64")
_SIZE = "6G"  # sparse: a third of it is used

_FETCH = """
set -eu
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
image=$(apt-cache depends {package}/{suite} | sed -n 's/.*Depends: //p' | head -n 1)
cd /tmp
apt-get download -qq "$image/{suite}" >/dev/null
# Its dependencies are there, in the version of another suite.
dpkg --install --force-depends "$image"_*.deb >/dev/null
mv /boot/vmlinuz-* /kernels/vmlinuz-{series}
mv /boot/initrd.img-* /kernels/initrd-{series}
rm -r /boot/* /tmp/*.deb
"""


def disk(say: Callable[[str], None]) -> Path:
    """The folder of `disk.img`, and of `vmlinuz-` and `initrd-` of each series; made once.

    Raises subprocess.CalledProcessError with what a command said.
    """
    texts = (_INIT.read_text(), _LOCK.read_text(), _FETCH, Path(__file__).read_text())
    parts = (_SUITE, *_PACKAGES, *map(str, RELEASES), *texts)

    def make(into: Path) -> None:
        say("making a disk with Debian, its bcc and kernels: once, some minutes")
        root = into / "root"
        run("debootstrap", "--variant=minbase", f"--include={','.join(_PACKAGES)}", _SUITE, root)
        _kernels(root, say)
        for file in (root / "kernels").iterdir():
            shutil.move(file, into / file.name)
        _packages(root)
        shutil.copy(_INIT, root / "init.sh")
        (root / "init.sh").chmod(0o755)
        (root / "project").mkdir()
        image(root, into / "disk.img", _SIZE)
        shutil.rmtree(root)

    return Cache(directory() / "kernels").folder("disk", parts, make)


def image(folder: Path, file: Path, size: str) -> None:
    """A file system in a file, with a folder's contents."""
    run("truncate", f"--size={size}", file)
    run("mke2fs", "-q", "-F", "-t", "ext4", "-d", folder, file)


def run(*command: str | Path) -> None:
    """Run a command. Raises subprocess.CalledProcessError."""
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
    environment = {**os.environ, "PATH": path}
    program = shutil.which(command[0], path=path) or command[0]
    subprocess.run([program, *command[1:]], check=True, env=environment, stdout=sys.stderr)


def _kernels(root: Path, say: Callable[[str], None]) -> None:
    (root / "kernels").mkdir()
    sources = root / "etc/apt/sources.list.d/kernels.list"
    [where] = mirror()
    sources.write_text("".join(f"deb {where} {one.suite} main\n" for one in RELEASES))
    shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
    for one in RELEASES:
        say(f"fetching Linux {one.series}")
        script = _FETCH.format(package=PACKAGE, suite=one.suite, series=one.series)
        run("chroot", root, "sh", "-c", script)


def _packages(root: Path) -> None:
    """What the tests import, for the disk's Python and not for ours."""
    run(
        *(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes"),
        *("--no-compile", "--only-binary=:all:"),
        *("--requirement", _LOCK, "--target", root / "packages"),
        *("--implementation=cp", f"--python-version={_PYTHON}"),
        *(f"--platform={one}" for one in _PLATFORMS),
    )
