import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from demo.images import ImageConfig, LocalImage
from demo.kubelet import Node, start, wait_ready
from demo.network import lay_out
from demo.ports import free_ports
from demo.processes import Children, StartError

_SERVER = """
import http.server, os, sys
print(sorted(os.environ.items()), os.getcwd(), sys.argv[1:], flush=True)
host, port = os.environ["LISTEN"].split(":")
http.server.HTTPServer((host, int(port)), http.server.SimpleHTTPRequestHandler).serve_forever()
"""


def _pod(**changes: Any) -> dict[str, Any]:
    app = {
        "name": "app",
        "image": "app:1",
        "command": ["python3", "/app/server.py", "/agent/hello", "$(WHO)"],
        "env": [
            {"name": "LISTEN", "value": "0.0.0.0:8080"},
            {"name": "WHO", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
            {"name": "NEXT", "value": "http://app:80/x"},
        ],
        "ports": [{"name": "http", "containerPort": 8080}],
        "readinessProbe": {"httpGet": {"path": "/", "port": "http"}},
        "volumeMounts": [{"name": "agent", "mountPath": "/agent"}],
    }
    copying = {
        "name": "copy",
        "image": "agent:1",
        "command": ["cp", "-r", "/files/.", "/agent"],
        "volumeMounts": [{"name": "agent", "mountPath": "/agent"}],
    }
    other = {"name": "other", "image": "unknown:1"}
    return {
        "metadata": {"name": "app-1", "namespace": "n", "labels": {"app": "app"}},
        "spec": {
            "initContainers": [copying],
            "containers": [{**app, **changes}, other],
            "volumes": [{"name": "agent", "emptyDir": {}}],
        },
    }


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    """A node with an application's and an agent's image; what runs on it is ended."""
    files = tmp_path / "files"
    files.mkdir()
    (files / "hello").write_text("hello")
    app = tmp_path / "cache-app"
    app.mkdir()
    (app / "server.py").write_text(_SERVER)
    root = tmp_path / "pods"
    root.mkdir()
    service = {
        "metadata": {"name": "app"},
        "spec": {"selector": {"app": "app"}, "ports": [{"port": 80, "targetPort": "http"}]},
    }
    children = Children()
    yield Node(
        root=root,
        images={
            "app:1": LocalImage(ImageConfig({"BASE": "1"}, working_dir="/app"), {"/app": app}),
            "agent:1": LocalImage(files={"/files": files}),
        },
        network=lay_out({"app": _pod()}, [service], "n", free_ports(1)),
        config_maps={},
        secrets={},
        children=children,
    )
    children.end(5)


def _said(node: Node) -> str:
    return (node.root / "app-1" / "app.log").read_text()


def test_a_pod_runs_as_its_containers_say(node: Node) -> None:
    """Init container, variables, mounts, ports and the working directory, all at once."""
    port = node.network.listeners["app"][8080]
    volume = node.root / "app-1" / "volumes" / "agent"

    running = start("app", _pod(), node)
    wait_ready(running, time.monotonic() + 20)

    assert running.left_out == ("other",)
    assert (volume / "hello").read_text() == "hello"
    for expected in (
        f"('LISTEN', '127.0.0.1:{port}')",
        f"('NEXT', 'http://127.0.0.1:{port}/x')",
        "('BASE', '1')",
        "('HOSTNAME', 'app-1')",
        "cache-app",
        f"['{volume}/hello', 'app-1']",
    ):
        assert expected in _said(node)


def test_a_container_that_ends_is_named_with_its_last_words(node: Node) -> None:
    """Waiting does not go on for a process that is gone."""
    pod = _pod(command=["sh", "-c", "echo no licence; exit 4"])

    with pytest.raises(StartError, match="app ended before it was ready:\nno licence"):
        wait_ready(start("app", pod, node), time.monotonic() + 20)


def test_waiting_has_an_end(node: Node) -> None:
    """A container that runs and never answers is named."""
    pod = _pod(command=["sleep", "60"])

    with pytest.raises(StartError, match="app did not become ready"):
        wait_ready(start("app", pod, node), time.monotonic() + 0.2)


def test_an_init_container_that_fails_keeps_the_pod_from_starting(node: Node) -> None:
    """The agent's copy must succeed, as in a cluster."""
    pod = _pod()
    pod["spec"]["initContainers"][0]["command"] = ["cp", "/files/none", "/agent"]

    with pytest.raises(StartError, match=r"init container copy failed(?s:.)*none"):
        start("app", pod, node)
    assert not (node.root / "app-1" / "app.log").exists()


def test_a_pod_without_any_image_here(node: Node) -> None:
    """Nothing of it can run."""
    with pytest.raises(StartError, match="no container of it can run here"):
        start("app", _pod(image="unknown:1"), node)


def test_a_container_without_a_probe_is_ready_at_once(node: Node) -> None:
    """As the kubelet has it."""
    pod = _pod(command=["sleep", "60"], readinessProbe=None)

    wait_ready(start("app", pod, node), time.monotonic() + 20)
