"""containerd, in a mount namespace of its own that the kubelet and kube-proxy share.

There `/run` is empty and what is written to `/var` is seen by nobody else: programs keep locks,
sockets and caches at fixed places, and all of that goes with the last process of the node. So do
images and containers' file systems: they lie in memory, 40,000 files that nobody has to delete.
"""

import json
import subprocess
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

from tests.cluster.node import machine
from tests.cluster.node.namespace import Namespace
from tests.cluster.processes import Process

PAUSE = "spanhook.test/pause:1"
"""The image of every pod's first container, which only holds the pod's namespaces."""

POD_RANGE = "10.245.0.0/24"  # outside the controller manager's cluster CIDR

# A private copy of all mounts, then: an empty /run, and /var with a layer for what is written.
_MOUNTS = """
set -e
mount -t tmpfs -o mode=755,size=75% node /run
mkdir /run/changes /run/work
mount -t overlay -o lowerdir=/var,upperdir=/run/changes,workdir=/run/work node /var
exec "$@"
"""
_UNSHARE = ("unshare", "--mount", "--propagation", "private", "sh", "-c", _MOUNTS, "containerd")

# Without CAP_SYS_RESOURCE nobody can lower an oom_score_adj: the restriction leaves it as it is.
_CONFIGURATION = """\
version = 2
root = "/run/root"
state = "/run/state"
[grpc]
  address = "{address}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{pause}"
  restrict_oom_score_adj = true
  disable_apparmor = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "{plugins}"
    conf_dir = "{network}"
"""


def _network() -> dict[str, object]:
    """One bridge for all pods; hairpin, because a pod may be an endpoint of what it calls."""
    address = {"type": "host-local", "ranges": [[{"subnet": POD_RANGE}]]}
    bridge = {"type": "bridge", "bridge": "pods", "isGateway": True, "hairpinMode": True}
    # Into the node's own network there is a way, out of it there is none.
    routes = [{"dst": "0.0.0.0/0"}]
    return {
        "cniVersion": "0.4.0",
        "name": "pods",
        "plugins": [
            {**bridge, "ipam": {**address, "routes": routes}},
            {"type": "portmap", "capabilities": {"portMappings": True}},
        ],
    }


@dataclass(frozen=True, slots=True)
class Containerd:
    """The container runtime of a node."""

    process: Process
    socket: Path

    @classmethod
    def create(cls, directory: Path, namespace: Namespace) -> Self:
        """One whose files are in `directory`, not started. Raises LookupError."""
        folder = directory / "containerd"
        network = folder / "network"
        network.mkdir(parents=True)
        (network / "pods.conflist").write_text(json.dumps(_network(), indent=2))
        configuration = folder / "config.toml"
        socket = folder / "containerd.sock"
        configuration.write_text(
            _CONFIGURATION.format(
                address=socket,
                pause=PAUSE,
                plugins=machine.plugins(),
                network=network,
            )
        )
        command = [machine.program("containerd"), "--config", str(configuration)]
        logs = directory / "logs"
        logs.mkdir(exist_ok=True)
        launched = [*namespace.launcher, *_UNSHARE, *command]
        return cls(Process("containerd", launched, logs), socket)

    def answers(self) -> bool:
        """Whether it does what it is asked."""
        return self.ctr("version").returncode == 0

    @property
    def launcher(self) -> tuple[str, ...]:
        """What starts a program where it runs: the same network, the same mounts."""
        spaces = f"/proc/{self.process.pid}/ns"
        return ("nsenter", f"--net={spaces}/net", f"--mount={spaces}/mnt", "--")

    def load(self, write: Callable[[IO[bytes]], None]) -> None:
        """Import the images of an OCI layout, which `write` puts into a stream as a tar archive.

        Raises CalledProcessError.
        """
        command = self._ctr("--namespace", "k8s.io", "images", "import", "--no-unpack", "-")
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        ) as importing:
            assert importing.stdin is not None
            assert importing.stderr is not None
            with suppress(BrokenPipeError):  # it says why
                write(importing.stdin)
                importing.stdin.close()
            said = importing.stderr.read()
        if importing.returncode:
            raise subprocess.CalledProcessError(importing.returncode, command, stderr=said)

    def ctr(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run its client. Never raises for its exit code."""
        return subprocess.run(
            self._ctr(*arguments), capture_output=True, text=True, timeout=60, check=False
        )

    def _ctr(self, *arguments: str) -> Sequence[str]:
        return [machine.program("ctr"), "--address", str(self.socket), *arguments]
