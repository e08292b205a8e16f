from typing import Any

from tests.cluster import Cluster
from tests.cluster.controllers import NODES
from tests.cluster.test_cluster import limited, refusal
from tests.waiting import until

LABELS = {"app": "web"}


def template(image: str) -> dict[str, Any]:
    """A pod template."""
    container = {"name": "web", "image": image}
    return {"metadata": {"labels": LABELS}, "spec": {"containers": [container]}}


def deployment(image: str) -> dict[str, Any]:
    """A Deployment of three."""
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {"replicas": 3, "selector": {"matchLabels": LABELS}, "template": template(image)},
    }


def running(cluster: Cluster, namespace: str, image: str) -> bool:
    """Whether exactly three pods run, all with this image."""
    pods = cluster.list("pods", namespace)
    phases = [(pod["status"]["phase"], pod["spec"]["containers"][0]["image"]) for pod in pods]
    return phases == [("Running", image)] * 3


def test_deployments_roll(controllers: Cluster) -> None:
    """Pods of a Deployment are bound to nodes and run; a new template replaces all of them."""
    with controllers.namespace() as namespace:
        controllers.create(deployment("example.test/web:1"), namespace=namespace)
        until(lambda: running(controllers, namespace, "example.test/web:1"), "the first version")
        change = {"spec": {"template": template("example.test/web:2")}}
        controllers.patch("Deployment", "web", change, namespace)
        until(lambda: running(controllers, namespace, "example.test/web:2"), "the second version")
        nodes = {pod["spec"]["nodeName"] for pod in controllers.list("pods", namespace)}

    assert nodes <= set(NODES)


def test_jobs_complete(controllers: Cluster) -> None:
    """A Job's pod runs to its end."""
    spec = {**template("example.test/job:1")["spec"], "restartPolicy": "Never"}
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "once"}}

    def done() -> bool:
        found = controllers.get("Job", "once", namespace)
        return found is not None and found["status"].get("succeeded") == 1

    with controllers.namespace() as namespace:
        controllers.create(job | {"spec": {"template": {"spec": spec}}}, namespace=namespace)
        until(done, "the Job's end")


def test_namespaces_go_with_their_controllers_looking(controllers: Cluster) -> None:
    """No pod of a Deployment comes back while its namespace goes."""
    with controllers.namespace() as namespace:
        controllers.create(deployment("example.test/web:1"), namespace=namespace)
        until(lambda: running(controllers, namespace, "example.test/web:1"), "pods")

    assert controllers.get("Namespace", namespace) is None
    pods = controllers.list("pods")
    assert [pod for pod in pods if pod["metadata"]["namespace"] == namespace] == []


def test_quotas_count_beside_the_controller(controllers: Cluster) -> None:
    """A quota counts also where a controller keeps its status."""
    with controllers.namespace() as namespace:
        controllers.create(limited("none", pods="0"), namespace=namespace)
        refused = until(lambda: refusal(controllers, namespace), "a pod too many")

    assert "exceeded quota: none" in refused
