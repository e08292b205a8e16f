"""A whole cluster whose test run is killed."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cluster.node.providing import provide
from tests.cluster.node.remains import Remains
from tests.waiting import until

pytestmark = pytest.mark.e2e

_RUN = """
import signal, sys
from pathlib import Path
from tests.cluster import cluster


with cluster("node", directory=Path(sys.argv[1])) as node:
    Path(sys.argv[1], "name").write_text(node.network.name)
    signal.pause()
"""

_SECONDS = 900.0  # the first node of a machine makes a Debian before

# Where a node's programs keep things, some of them whatever they are told.
_USUAL = [
    Path(path)
    for path in (
        *("/run/containerd", "/run/flannel", "/run/xtables.lock", "/var/lib/kubelet"),
        *("/var/lib/cni", "/var/log/containers", "/var/log/pods", "/etc/cni", "/opt/cni"),
    )
]


def _usual() -> list[tuple[Path, float]]:
    """Those places that are there, and when they were changed."""
    return [(path, path.stat().st_mtime) for path in _USUAL if path.exists()]


def _said(directory: Path, run: "subprocess.Popen[bytes]") -> str:
    """The name of the node that runs now; nothing before it does."""
    assert run.poll() is None
    name = directory / "name"
    return name.read_text() if name.exists() else ""


def _left(node: Remains) -> list[str]:
    """What there is of a node: its places, its mounts and its processes."""
    places = [node.record, node.namespace.path, *node.group.folders()]
    mounts = Path("/proc/self/mountinfo").read_text().splitlines()
    processes = {*node.namespace.processes(), *node.group.processes()}
    return [
        *(str(place) for place in places if place.exists()),
        *(mount for mount in mounts if node.directory in mount),
        *(str(number) for number in processes),
    ]


def test_a_killed_run_leaves_nothing(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """Pods run, and another node beside it: SIGKILL to the test run ends all of the one."""
    provide(request.config)
    before = _usual()
    command = [sys.executable, "-c", _RUN, str(tmp_path)]
    with subprocess.Popen(command) as run:
        try:
            name = until(lambda: _said(tmp_path, run), "a node", _SECONDS)
            node = Remains(name, (0, ""), str(tmp_path))
            assert len(_left(node)) > 10
        finally:
            run.send_signal(signal.SIGKILL)

    until(lambda: _left(node) == [], "the node's end", 60)
    assert not (tmp_path / "kubelet").exists()
    assert _usual() == before
