"""The network namespace that a node lives in: its addresses and rules are nobody else's.

It has no default route, and cluster IPs are its own: what is sent to one before kube-proxy knows
where it leads is refused at once and never leaves the machine.
"""

import ctypes
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.cluster.certificates import SERVICE_RANGE

ADDRESS = "192.0.2.10"  # the node's; of a block that no network uses (RFC 5737)

_FOLDER = Path("/run/netns")  # where iproute2 keeps the names
_OURS = Path("/proc/thread-self/ns/net")
_CLONE_NEWNET = 0x40000000

# The API server, kube-proxy and pods meet on the loopback interface and the bridge: packets are
# forwarded between them, and what crosses the bridge is subject to kube-proxy's rules.
_COMMANDS = (
    "ip link set lo up",
    f"ip address add {ADDRESS}/32 dev lo",
    f"ip route add local {SERVICE_RANGE} dev lo src {ADDRESS}",
    "sysctl --quiet --write net.ipv4.ip_forward=1",
    "sysctl --quiet --write net.bridge.bridge-nf-call-iptables=1",
)


@dataclass(frozen=True, slots=True)
class Namespace:
    """A network namespace by its name."""

    name: str

    @property
    def path(self) -> Path:
        """The file that stands for it."""
        return _FOLDER / self.name

    @property
    def launcher(self) -> tuple[str, ...]:
        """What starts a program in it; the program takes the launcher's place and number."""
        return ("nsenter", f"--net={self.path}", "--")

    def create(self) -> None:
        """Make it. Raises CalledProcessError."""
        _run(["ip", "netns", "add", self.name])
        for command in _COMMANDS:
            _run([*self.launcher, *command.split()])

    def delete(self) -> None:
        """Remove it and the interfaces in it; all is well where it is gone already."""
        if self.path.exists():
            subprocess.run(["ip", "netns", "delete", self.name], check=False)

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Take the calling thread inside: its sockets, and the programs and threads it starts."""
        outside = os.open(_OURS, os.O_RDONLY | os.O_CLOEXEC)
        try:
            _enter(self.path)
            try:
                yield
            finally:
                _set(outside)
        finally:
            os.close(outside)

    def processes(self) -> list[int]:
        """The numbers of all processes in it."""
        try:
            here = self.path.stat()
        except FileNotFoundError:
            return []
        return [
            int(file.parent.parent.name)
            for file in Path("/proc").glob("[0-9]*/ns/net")
            if _is(file, here)
        ]


def _is(file: Path, other: os.stat_result) -> bool:
    try:
        return os.path.samestat(file.stat(), other)
    except OSError:  # it ended while we looked
        return False


def _enter(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        _set(descriptor)
    finally:
        os.close(descriptor)


def _set(descriptor: int) -> None:
    # os.setns came with Python 3.12.
    if ctypes.CDLL(None, use_errno=True).setns(descriptor, _CLONE_NEWNET):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True)
