"""The node agent as a process of its own, and pods on its node."""

import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import Any

from tests.cluster import Cluster
from tests.nodeagent.cluster.containers import Container
from tests.waiting import until

_SECONDS = 120
"""It begins with imports and a compiler: on a busy machine that takes its time."""


class NodeAgent:
    """A running agent: what it said so far, and what it serves."""

    def __init__(self, process: "subprocess.Popen[str]", node: str) -> None:
        self.process = process
        self.node = node
        self.said: list[str] = []
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def says(self, text: str) -> str:
        """The first line that has this text, waited for."""

        def found() -> str | None:
            assert self.process.poll() is None, self.said
            return next((line for line in list(self.said) if text in line), None)

        return until(found, text, _SECONDS)

    def counts(self, text: str, count: int) -> None:
        """Wait for so many lines that have this text."""
        until(lambda: sum(text in line for line in list(self.said)) >= count, text, _SECONDS)

    def fetch(self, path: str) -> str:
        """The body of what it serves. Raises HTTPError."""
        port = self.says("metrics at port ").rpartition(" ")[2]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
            return str(answer.read().decode())

    def metric(self, name: str) -> float:
        """The value of a metric of ours, by its name with labels and without prefix."""
        lines = self.fetch("/metrics").splitlines()
        start = f"spanhook_node_agent_{name} "
        return next(float(line.removeprefix(start)) for line in lines if line.startswith(start))

    def finish(self) -> int:
        """End it as the kubelet does; its exit code."""
        self.process.terminate()
        try:
            return self.process.wait(60)
        finally:
            self.process.kill()
            self._thread.join()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self.said.extend(iter(line.rstrip("\n") for line in self.process.stdout))


@contextmanager
def running(kubeconfig: Path, endpoint: str, *options: str) -> Iterator[NodeAgent]:
    """An agent of a node of its own."""
    node = f"node-{token_hex(4)}"
    command = [
        *(sys.executable, "-m", "console", "node-agent", "--kubeconfig", str(kubeconfig)),
        *("--node-name", node, "--endpoint", endpoint),
        *("--metrics-address", "127.0.0.1:0", *options),
    ]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        agent = NodeAgent(process, node)
        try:
            yield agent
        finally:
            agent.finish()


def pod(api: Cluster, node: str, namespace: str, name: str = "cart-0", **metadata: Any) -> str:
    """Create a pod on a node that nobody runs; its UID."""
    document = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, **metadata},
        "spec": {
            "nodeName": node,
            "containers": [{"name": "app", "image": "example.com/cart:1.2"}],
        },
    }
    created = api.create(document)
    assert created.status == 201, created.message
    return str(created.body["metadata"]["uid"])


def tell(api: Cluster, namespace: str, container: Container, name: str = "cart-0") -> None:
    """Let the pod's status say the container's ID, as a kubelet does some time after its start."""
    told = {
        "name": "app",
        "containerID": f"containerd://{container.identifier}",
        "image": "example.com/cart:1.2",
        "imageID": f"example.com/cart@sha256:{container.identifier}",
        "ready": True,
        "restartCount": 0,
    }
    answer = api.patch(
        "pods", name, {"status": {"containerStatuses": [told]}}, namespace, subresource="status"
    )
    assert answer.status == 200, answer.message
