"""What a machine must have for a real node, and what to install where it lacks it."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.cluster.node.cgroups import hierarchies

PLUGINS = (Path("/usr/lib/cni"), Path("/opt/cni/bin"))  # Debian's folder, upstream's folder

_PLUGINS = ("bridge", "host-local", "loopback", "portmap")
SBIN = ("/usr/local/sbin", "/usr/sbin", "/sbin")

# Program and Debian's package that brings it.
_PROGRAMS = {
    "containerd": "containerd",
    "ctr": "containerd",
    "runc": "runc",
    "iptables": "iptables",
    "ip": "iproute2",
    "nsenter": "util-linux",
    "unshare": "util-linux",
    "sysctl": "procps",
    "debootstrap": "debootstrap",
}


def obstacles() -> list[str]:
    """Why no node can run here; empty where one can."""
    return list(_obstacles())


def program(name: str) -> str:
    """The path of one of the programs above. Raises LookupError."""
    found = shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), *SBIN]))
    if found is None:
        raise LookupError(f"{name} is not installed")
    return found


def plugins() -> Path:
    """The folder of the network plugins. Raises LookupError."""
    for folder in PLUGINS:
        if all((folder / name).exists() for name in _PLUGINS):
            return folder
    raise LookupError(f"the network plugins {', '.join(_PLUGINS)} are not installed")


def _obstacles() -> Iterator[str]:
    if not sys.platform.startswith("linux"):
        yield f"this is {sys.platform}, not Linux"
        return
    if os.geteuid() != 0:
        yield "only root can run a node"
    if not hierarchies() or not os.access(hierarchies()[0], os.W_OK):
        yield "no control groups are mounted that can be written"
    packages = {package for name, package in _PROGRAMS.items() if not _has(name)}
    if not _has_plugins():
        packages.add("containernetworking-plugins")
    if packages:
        yield f"missing: {' '.join(sorted(packages))} (Debian's names)"
    elif os.geteuid() == 0 and (said := _stacking()):
        yield f"no container can have a file system of its own here: {said}"


def _stacking() -> str:
    """Why no overlay can be mounted in a namespace of its own; nothing where that works.

    It does not in containers without that right, nor where the temporary folder is an overlay.
    """
    with tempfile.TemporaryDirectory(prefix="spanhook-stacking-") as folder:
        parts = {name: Path(folder, name) for name in ("lowerdir", "upperdir", "workdir", "merged")}
        for part in parts.values():
            part.mkdir()
        merged = parts.pop("merged")
        options = ",".join(f"{name}={part}" for name, part in parts.items())
        mount = ("mount", "-t", "overlay", "-o", options, "overlay", str(merged))
        tried = ("unshare", "--net", "--mount", "--propagation", "private", "--", *mount)
        done = subprocess.run(tried, capture_output=True, text=True, check=False)
    return done.stderr.strip() or ("" if done.returncode == 0 else f"{mount[0]} failed")


def _has(name: str) -> bool:
    try:
        program(name)
    except LookupError:
        return False
    return True


def _has_plugins() -> bool:
    try:
        plugins()
    except LookupError:
        return False
    return True
