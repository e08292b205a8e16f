"""After this nothing of ours is left on the node: it comes last in this folder."""

from collections.abc import Iterator

import pytest

from tests.cluster.client import Object
from tests.cluster.node import Node
from tests.e2e import shop
from tests.e2e.installation import is_injected, restart, uninstall
from tests.e2e.telemetry import Telemetry
from tests.waiting import until

pytestmark = pytest.mark.e2e

_OURS = "spanhook"


def _things_of_ours(node: Node) -> Iterator[str]:
    """Kind and name of every object that has our name, or is in a namespace that has."""
    for resource in node.resources.all():
        if "list" not in resource.verbs or resource.kind == "Event":
            continue
        for thing in node.list(resource.kind):
            metadata = thing["metadata"]
            names = (metadata["name"], metadata.get("namespace", ""))
            if any(name.startswith(_OURS) for name in names):
                yield f"{resource.kind} {'/'.join(names)}"


def _fresh(node: Node, service: str, old: str) -> Object | None:
    """The service's pod when it is another one than the old, and ready."""
    pods = node.list("Pod", shop.NAMESPACE, f"app.kubernetes.io/name={service}")
    fresh = [pod for pod in pods if pod["metadata"]["uid"] != old]
    return fresh[0] if len(pods) == len(fresh) == 1 else None


def test_uninstalling_leaves_nothing(node: Node, opened: Telemetry) -> None:
    """Every object is gone, pods that run go on, and their successors have no agent."""
    assert opened.paths()
    assert list(_things_of_ours(node)) != []
    old = {service: shop.pod(node, service) for service in shop.INSTRUMENTED}

    uninstall(node)

    until(lambda: list(_things_of_ours(node)) == [], "the end of all that is ours", 60)
    assert all(is_injected(pod) for pod in old.values())
    assert {one: shop.pod(node, one)["metadata"]["uid"] for one in old} == {
        one: pod["metadata"]["uid"] for one, pod in old.items()
    }

    restart(node, shop.NAMESPACE, "cart")
    node.await_deployment(shop.NAMESPACE, "cart", 90)
    pod = until(lambda: _fresh(node, "cart", old["cart"]["metadata"]["uid"]), "a new cart", 60)

    assert "initContainers" not in pod["spec"]
    assert not [key for key in pod["metadata"]["labels"] if _OURS in key]
