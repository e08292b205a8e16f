"""Installed where controllers run: pods come, and everything goes again."""

import pytest

from tests.cluster import Cluster
from tests.manifests.installation import NAMESPACES, apply, directory, kubectl
from tests.waiting import until

NAME = "spanhook-webhook"
SELECTOR = f"app.kubernetes.io/name={NAME}"

Known = set[tuple[str, str, str]]


def everything(cluster: Cluster) -> Known:
    """Kind, namespace and name of every object but Events and what the system keeps for itself."""
    found = set()
    for resource in cluster.resources.all():
        if "list" not in resource.verbs or resource.kind == "Event":
            continue
        for thing in cluster.request("GET", resource.path("")).body.get("items") or ():
            namespace = thing["metadata"].get("namespace", "")
            if not namespace.startswith("kube-"):
                found.add((resource.kind, namespace, thing["metadata"]["name"]))
    return found


def ready(cluster: Cluster) -> int:
    """How many replicas are ready."""
    deployment = cluster.get("Deployment", NAME, NAMESPACES[0]) or {}
    return int(deployment.get("status", {}).get("readyReplicas", 0))


@pytest.mark.parametrize(("variant", "replicas"), [("base", 2), ("ha", 3)])
def test_installed_and_gone(controllers: Cluster, variant: str, replicas: int) -> None:
    """The replicas run on hosts of their own, are replaced one by one, and nothing is left."""
    before = everything(controllers)
    apply(controllers, variant, "--server-side")
    try:
        until(lambda: ready(controllers) == replicas, f"{replicas} replicas")
        pods = controllers.list("Pod", NAMESPACES[0], SELECTOR)
        hosts = {pod["spec"]["nodeName"] for pod in pods}
        assert len(hosts) == min(replicas, len(controllers.list("Node")))
        until(lambda: _disruptions(controllers) == 1, "the budget is known")
        inside = ("--namespace", NAMESPACES[0])
        kubectl(controllers, "rollout", "restart", "deployment", NAME, *inside)
        kubectl(controllers, "rollout", "status", "deployment", NAME, "--timeout=60s", *inside)
    finally:
        kubectl(controllers, "delete", "-k", str(directory(variant)), "--timeout=60s")

    assert everything(controllers) - before == set()


def _disruptions(cluster: Cluster) -> int:
    """How many replicas may be evicted now."""
    budget = cluster.get("PodDisruptionBudget", NAME, NAMESPACES[0]) or {}
    return int(budget.get("status", {}).get("disruptionsAllowed", 0))
