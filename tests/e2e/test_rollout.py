import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.cluster import Response
from tests.cluster.node import Node
from tests.e2e.images import DEBIAN
from tests.e2e.installation import DEPLOYMENT, NAMESPACE, OPTED_IN, is_injected, restart

pytestmark = pytest.mark.e2e

_CLIENTS = 2
_SECONDS = 180


def _pod(name: str) -> dict[str, object]:
    """A pod that waits for a node that never comes: it is created, and costs nothing."""
    container = {"name": "main", "image": DEBIAN, "command": ["python3", "-m", "http.server"]}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name},
        "spec": {"containers": [container], "nodeSelector": {"nowhere": "yet"}},
    }


def _create(node: Node, namespace: str, client: int, is_over: Callable[[], bool]) -> list[Response]:
    """Create pods, one after the other, until it is over; deletes what it created."""
    answers = list[Response]()
    while not is_over():
        name = f"pod-{client}-{len(answers)}"
        answers.append(node.create(_pod(name), namespace=namespace))
        node.delete("Pod", name, namespace, gracePeriodSeconds="0")
    return answers


def _replicas(node: Node) -> set[str]:
    pods = node.list("Pod", NAMESPACE, f"app.kubernetes.io/name={DEPLOYMENT}")
    alive = (pod["metadata"] for pod in pods if "deletionTimestamp" not in pod["metadata"])
    return {metadata["name"] for metadata in alive}


def test_no_pod_is_lost_while_replicas_are_exchanged(node: Node, installed: Node) -> None:
    """Under failurePolicy: Fail, all replicas are replaced, and every pod created is injected."""
    before, over = _replicas(installed), threading.Event()
    with node.namespace(OPTED_IN) as namespace, ThreadPoolExecutor(_CLIENTS) as pool:
        running = [
            pool.submit(_create, node, namespace, client, over.is_set) for client in range(_CLIENTS)
        ]
        try:
            restart(node, NAMESPACE, DEPLOYMENT)
            node.await_deployment(NAMESPACE, DEPLOYMENT, _SECONDS)
        finally:
            over.set()
        answers = [answer for one in running for answer in one.result()]

    assert [answer.message for answer in answers if answer.status != 201] == []
    assert all(is_injected(answer.body) for answer in answers)
    assert len(answers) > 50
    assert not before & _replicas(node)
