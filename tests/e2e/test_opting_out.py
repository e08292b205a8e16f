import copy
import json
from typing import Any

import pytest

from tests.cluster.client import Object
from tests.cluster.node import Node
from tests.e2e.images import DEBIAN
from tests.e2e.installation import OPTED_IN, is_injected
from tests.waiting import until

pytestmark = pytest.mark.e2e

# What no two pods have in common.
_OWN = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp", "managedFields")


def _deployment(namespace: str, **labels: str) -> Object:
    container = {"name": "main", "image": DEBIAN, "command": ["python3", "-m", "http.server"]}
    pod = {"automountServiceAccountToken": False, "containers": [container]}
    selected = {"app": "server"}
    template = {"metadata": {"labels": selected | labels}, "spec": pod}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "server", "namespace": namespace},
        "spec": {"selector": {"matchLabels": selected}, "template": template},
    }


def _pod(node: Node, namespace: str) -> Object:
    """The Deployment's pod, once it runs."""

    def running() -> Object | None:
        found = node.list("Pod", namespace)
        return found[0] if found and found[0]["status"].get("phase") == "Running" else None

    return until(running, f"a pod in {namespace}", 60)


def _common(pod: Object) -> str:
    """The text of what two pods of one template have in common."""
    thing: dict[str, Any] = copy.deepcopy(pod)
    del thing["status"]
    for field in _OWN:
        del thing["metadata"][field]
    for owner in thing["metadata"]["ownerReferences"]:
        del owner["uid"]
    return json.dumps(thing)


def test_who_opts_out_stays_as_it_is(node: Node, installed: Node) -> None:
    """To the byte the pod that it would be in a namespace that nobody opted in."""
    label = {"spanhook.dev/instrument": "disabled"}
    with node.namespace(OPTED_IN) as ours, node.namespace() as theirs:
        installed.apply(_deployment(ours, **label), _deployment(theirs, **label))

        assert _common(_pod(node, ours)) == _common(_pod(node, theirs))


def test_one_pod_opts_in_by_itself(node: Node, installed: Node) -> None:
    """In a namespace without the label, a pod's own label is enough, and needed."""
    with node.namespace() as ours, node.namespace() as theirs:
        installed.apply(_deployment(ours, **OPTED_IN), _deployment(theirs))

        assert is_injected(_pod(node, ours))
        assert not is_injected(_pod(node, theirs))
