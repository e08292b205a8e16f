"""Which container a process is in, by the names that kubelets give control groups.

    driver     version  path
    ---------  -------  --------------------------------------------------------------------------
    systemd    1, 2     …-pod<UID with _>.slice/<runtime>-<id>.scope[/whatever the container made]
    cgroupfs   1, 2     …/pod<UID>/<id>[/…]
    neither    1        …-pod<UID with _>.slice:cri-containerd:<id>, where the two disagree

Runtimes are cri-containerd, crio, docker; conmon, which watches over a container of CRI-O's, is no
part of it. In a cgroup name space of our own, paths begin with as many `/..` as it is deep.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """The UID of a pod, with dashes, and the ID of a container, 64 hexadecimal digits."""

    pod: str
    container: str


_UID = r"[0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}|[0-9a-f]{32}"
_PATH = re.compile(
    rf"[/-]pod(?P<pod>{_UID})(?:\.slice)?[/:]"
    r"(?:(?!crio-conmon)[a-z]+(?:-[a-z]+)*[-:])?(?P<container>[0-9a-f]{64})(?:\.scope)?(?:/|$)",
    re.MULTILINE,
)


def place(text: str) -> Place | None:
    """The container that the text of /proc/PID/cgroup tells of; None outside of containers."""
    found = _PATH.search(text)
    return Place(found["pod"].replace("_", "-"), found["container"]) if found else None
