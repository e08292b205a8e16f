"""Pods as controllers create them: what the telemetry says of their owners."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.cluster import Cluster
from tests.cluster.admission.webhook import Webhook, webhook
from tests.waiting import until
from webhook import owner
from webhook.model import Owner

Json = dict[str, Any]

LONG = "a-name-that-is-as-long-as-names-of-workloads-come-in-practice"


@pytest.fixture(name="served", scope="module")
def fixture_served(
    controllers: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Webhook]:
    """Our webhook in a cluster with controllers."""
    with webhook(controllers, tmp_path_factory.mktemp("webhook")) as found:
        yield found


@pytest.fixture(name="space")
def fixture_space(served: Webhook) -> Iterator[str]:
    """A namespace that it serves."""
    with served.cluster.namespace(served.labels) as name:
        yield name


def template(**spec: Any) -> Json:
    """A pod template of Python."""
    containers = [{"name": "app", "image": "python:3.12"}]
    return {"metadata": {"labels": {"app": "x"}}, "spec": {"containers": containers, **spec}}


SELECTOR = {"selector": {"matchLabels": {"app": "x"}}}
RUN = {"template": template(restartPolicy="Never")}


def workload(kind: str, name: str, spec: Json, version: str = "apps/v1") -> Json:
    """A workload."""
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name}, "spec": spec}


def attributes(pod: Json) -> dict[str, str]:
    """The resource attributes of the pod's container, and its service's name."""
    env = {one["name"]: one.get("value", "") for one in pod["spec"]["containers"][0]["env"]}
    pairs = (one.split("=", 1) for one in env["OTEL_RESOURCE_ATTRIBUTES"].split(","))
    return {**dict(pairs), "service.name": env["OTEL_SERVICE_NAME"]}


def owners(found: dict[str, str]) -> dict[str, str]:
    """Those of the attributes that tell of owners."""
    kinds = ("deployment", "replicaset", "statefulset", "daemonset", "job", "cronjob")
    keys = {"service.name", *(f"k8s.{kind}.name" for kind in kinds)}
    return {key: value for key, value in found.items() if key in keys}


def first_pod(cluster: Cluster, space: str) -> Json:
    """A pod that a controller made."""
    return until(lambda: next(iter(cluster.list("pods", space)), None), "a pod")


@pytest.mark.parametrize("name", ["cart", "cart-7d5b4c9f6", "cart-28931234", LONG])
def test_deployment(served: Webhook, space: str, name: str) -> None:
    """A Deployment's pod has its name, however it ends, and that of the ReplicaSet."""
    spec = {"replicas": 1, **SELECTOR, "template": template()}
    served.cluster.create(workload("Deployment", name, spec), namespace=space)
    pod = first_pod(served.cluster, space)
    (replica_set,) = served.cluster.list("replicasets", space)

    assert owners(attributes(pod)) == {
        "service.name": name,
        "k8s.deployment.name": name,
        "k8s.replicaset.name": replica_set["metadata"]["name"],
    }


def test_rolled_deployment(served: Webhook, space: str) -> None:
    """After a roll-out the name is the same, and the ReplicaSet the new one."""
    cluster = served.cluster
    spec = {"replicas": 1, **SELECTOR, "template": template()}
    cluster.create(workload("Deployment", "cart", spec), namespace=space)
    first = attributes(first_pod(cluster, space))
    assert cluster.kubectl("rollout", "restart", "deployment/cart", "-n", space).returncode == 0

    def second() -> dict[str, str] | None:
        found = [attributes(one) for one in cluster.list("pods", space)]
        key = "k8s.replicaset.name"
        return next((one for one in found if one[key] != first[key]), None)

    assert until(second, "the next pod")["k8s.deployment.name"] == "cart"


@pytest.mark.parametrize("kind", ["StatefulSet", "DaemonSet"])
def test_direct(served: Webhook, space: str, kind: str) -> None:
    """A pod whose workload owns it directly has that name, hashes in labels or not."""
    spec = {**SELECTOR, "template": template()}
    served.cluster.create(workload(kind, "cart-7d5b4c", spec), namespace=space)
    pod = first_pod(served.cluster, space)

    assert owners(attributes(pod)) == {
        "service.name": "cart-7d5b4c",
        f"k8s.{kind.lower()}.name": "cart-7d5b4c",
    }


def test_replica_set(served: Webhook, space: str) -> None:
    """A ReplicaSet of its own is a workload of its own."""
    spec = {"replicas": 1, **SELECTOR, "template": template()}
    served.cluster.create(workload("ReplicaSet", "cart-7d5b4c", spec), namespace=space)

    assert owners(attributes(first_pod(served.cluster, space))) == {
        "service.name": "cart-7d5b4c",
        "k8s.replicaset.name": "cart-7d5b4c",
    }


@pytest.mark.parametrize("name", ["clean", "clean-2026", LONG[:60]])
def test_job(served: Webhook, space: str, name: str) -> None:
    """A Job's pod has the Job's name."""
    served.cluster.create(workload("Job", name, RUN, "batch/v1"), namespace=space)

    assert owners(attributes(first_pod(served.cluster, space))) == {
        "service.name": name,
        "k8s.job.name": name,
    }


@pytest.mark.parametrize("name", ["clean", "clean-28931234", LONG[:52]])
def test_cron_job(served: Webhook, space: str, name: str) -> None:
    """A CronJob's pod has the CronJob's name, and that of the run's Job."""
    cluster = served.cluster
    spec = {"schedule": "* * * * *", "jobTemplate": {"spec": RUN}}
    cluster.create(workload("CronJob", name, spec, "batch/v1"), namespace=space)
    # As if it had run an hour ago: then the controller does not wait for the next minute.
    past = {"status": {"lastScheduleTime": "2026-01-01T00:00:00Z"}}
    cluster.patch("CronJob", name, past, space, subresource="status")
    pod = first_pod(cluster, space)
    (job,) = cluster.list("jobs", space)

    assert owners(attributes(pod)) == {
        "service.name": name,
        "k8s.cronjob.name": name,
        "k8s.job.name": job["metadata"]["name"],
    }
    assert owner.of_pod(pod) == Owner("CronJob", name, job=job["metadata"]["name"])


def test_run_by_hand(served: Webhook, space: str) -> None:
    """A Job that somebody made from a CronJob has a name of its own, which is all the pod tells."""
    cluster = served.cluster
    spec = {"schedule": "0 0 1 1 *", "jobTemplate": {"spec": RUN}}
    cluster.create(workload("CronJob", "clean", spec, "batch/v1"), namespace=space)
    made = cluster.kubectl("create", "job", "by-hand", "--from=cronjob/clean", "-n", space)
    assert made.returncode == 0, made.stderr

    assert owners(attributes(first_pod(cluster, space))) == {
        "service.name": "by-hand",
        "k8s.job.name": "by-hand",
    }


def test_bare_pod(served: Webhook, space: str) -> None:
    """A pod that nobody owns is its own."""
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "debug"}}
    answer = served.cluster.create({**pod, "spec": template()["spec"]}, namespace=space)

    assert owners(attributes(answer.body)) == {"service.name": "debug"}
