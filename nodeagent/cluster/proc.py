"""What /proc tells of where a process is. It may be gone at any time: then nothing is told."""

from pathlib import Path

from nodeagent.cluster import cgroup, mounts
from nodeagent.cluster.cgroup import Place
from nodeagent.tracing.process import Process, ProcessGone

_MOST = 1 << 20
_SANDBOXES = frozenset(("pause", "pod"))
"""Programs of the images that containerd and CRI-O have for it (OpenShift's is /usr/bin/pod)."""


def place(process: Process) -> Place | None:
    """The container that a process is in; None outside of containers, and when it is gone."""
    return cgroup.place(_text(process, "cgroup"))


def container(process: Process, pod: str) -> str | None:
    """The name of the process's container in the pod of this UID, as its mounts tell it."""
    return mounts.container(_text(process, "mountinfo"), pod)


def is_sandbox(process: Process) -> bool:
    """Whether it does nothing but keep a pod's name spaces, by its program's name."""
    try:
        return process.name() in _SANDBOXES
    except ProcessGone:
        return False


def processes(proc: Path) -> set[int]:
    """All processes that there are, by number."""
    return {int(entry.name) for entry in proc.iterdir() if entry.name.isdecimal()}


def _text(process: Process, name: str) -> str:
    try:
        with (process.proc / str(process.pid) / name).open("rb") as file:
            return file.read(_MOST).decode(errors="replace")
    except OSError:
        return ""
