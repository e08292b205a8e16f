"""The node itself: what every other test here relies on."""

import http.client
import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.cluster.node import Node
from tests.cluster.node.report import report
from tests.e2e.images import DEBIAN
from tests.waiting import until

pytestmark = pytest.mark.e2e

_PAGE = """
import http.server, socket


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        try:
            answer = str(socket.getaddrinfo(self.path[1:], 80)[0][4][0])
        except OSError as error:
            answer = repr(error)
        self.wfile.write(answer.encode())

print("listening", flush=True)
http.server.ThreadingHTTPServer(("", 8080), Handler).serve_forever()
"""


def _pod(name: str, **container: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": {"app": name}},
        "spec": {
            "terminationGracePeriodSeconds": 0,
            "containers": [{"name": "main", "image": DEBIAN, **container}],
        },
    }


def _in(namespace: str, thing: dict[str, Any]) -> dict[str, Any]:
    return {**thing, "metadata": {**thing["metadata"], "namespace": namespace}}


def _get(address: str, path: str) -> str | None:
    connection = http.client.HTTPConnection(address, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().read().decode()
    except OSError:
        return None
    finally:
        connection.close()


def _service(name: str) -> Mapping[str, Any]:
    ports = [{"port": 80, "targetPort": 8080}]
    spec = {"selector": {"app": name}, "ports": ports}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec}


def test_a_pod_is_found_by_its_services_name_and_address(node: Node) -> None:
    """The cluster IP leads from the test to the pod, and inside of the pod names resolve."""
    with node.namespace() as namespace:
        pod = _pod("page", command=["python3", "-c", _PAGE])
        service, _ = node.apply(_in(namespace, dict(_service("page"))), _in(namespace, pod))
        address = service["spec"]["clusterIP"]

        assert until(lambda: _get(address, "/kubernetes.default.svc"), "an answer") == "10.96.0.1"
        assert _get(address, f"/page.{namespace}.svc.cluster.local") == address
        assert "listening" in node.kubectl("logs", "--namespace", namespace, "page").stdout


def test_a_failure_comes_with_what_the_node_looks_like(node: Node) -> None:
    """Pods, Events, the containers' logs and the ends of the node's own."""
    text = report(node)

    for part in ("pod/coredns-", "Scheduled: Successfully assigned", "CoreDNS-1.", "kubelet.1.log"):
        assert part in text


def test_init_containers_hand_files_over(node: Node) -> None:
    """What an init container writes into a volume, the container reads; it ends with its code."""
    with node.namespace() as namespace:
        mounts = [{"name": "shared", "mountPath": "/shared"}]
        pod = _pod(
            "reader", command=["grep", "--quiet", "hello", "/shared/word"], volumeMounts=mounts
        )
        writer = {"name": "writer", "image": DEBIAN, "volumeMounts": mounts}
        pod["spec"] |= {
            "restartPolicy": "Never",
            "initContainers": [{**writer, "command": ["sh", "-c", "echo hello > /shared/word"]}],
            "volumes": [{"name": "shared", "emptyDir": {}}],
        }
        node.apply(_in(namespace, pod))

        def phase() -> str:
            found = node.get("Pod", "reader", namespace)
            assert found is not None
            last = str(found["status"].get("phase"))
            return last if last in {"Succeeded", "Failed"} else ""

        assert until(phase, "the end of the pod") == "Succeeded", json.dumps(
            node.get("Pod", "reader", namespace), indent=1
        )
