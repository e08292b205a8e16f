"""What a node looks like when a test fails on it."""

from collections.abc import Iterator
from pathlib import Path

from tests.cluster.client import Object
from tests.cluster.node.node import Node
from tests.cluster.processes import Process

_LINES = 25
_EVENTS = 60
_LOUD = ("kubelet", "kube-proxy", "containerd")


def report(node: Node) -> str:
    """Pods, events, what containers said last and what the node's own programs did."""
    with node.entered():
        return "\n".join(_parts(node))


def _parts(node: Node) -> Iterator[str]:
    yield f"While it runs: {node}"
    yield from (_dead(process) for process in node.processes.values() if not process.running)
    if node.plane.is_ready():
        yield from _cluster(node)
    yield from _containers(node.directory / "pods")
    yield from (node.processes[name].last_words() for name in _LOUD)


def _dead(process: Process) -> str:
    return f"{process.name} does not run\n{process.last_words()}"


def _cluster(node: Node) -> Iterator[str]:
    yield node.kubectl("get", "pods,deployments,jobs,cronjobs", "-A", "-o", "wide").stdout
    yield from (_event(event) for event in _newest(node.list("Event")))


def _newest(events: list[Object]) -> list[Object]:
    return sorted(events, key=lambda event: str(event["metadata"]["creationTimestamp"]))[-_EVENTS:]


def _event(event: Object) -> str:
    about = event["involvedObject"]
    where = f"{about.get('namespace', '')}/{about['kind']}/{about['name']}"
    return f"{event['type']} {where} {event['reason']}: {event.get('message', '')}"


def _containers(folder: Path) -> Iterator[str]:
    """The kubelet keeps logs as NAMESPACE_POD_UID/CONTAINER/RESTARTS.log."""
    for log in sorted(folder.glob("*/*/*.log")):
        lines = log.read_text(errors="replace").splitlines()
        yield "\n".join([f"{log.relative_to(folder)}:", *lines[-_LINES:]])
