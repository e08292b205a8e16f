"""Workloads' names are told from pods as the real controllers make them, without a look-up."""

from typing import Any

from tests.cluster import Cluster
from tests.waiting import until
from webhook import owner
from webhook.model import Owner
from webhook.server.cluster.skips import workload

_CONTAINERS = [{"name": "app", "image": "a/b:1"}]
_LABELS = {"app": "x"}
_SELECTED = {
    "selector": {"matchLabels": _LABELS},
    "template": {"metadata": {"labels": _LABELS}, "spec": {"containers": _CONTAINERS}},
}
_JOB = {"template": {"spec": {"containers": _CONTAINERS, "restartPolicy": "Never"}}}

_WORKLOADS: dict[str, tuple[str, dict[str, Any]]] = {
    "Deployment": ("apps/v1", _SELECTED),
    "StatefulSet": ("apps/v1", {**_SELECTED, "serviceName": "x"}),
    "DaemonSet": ("apps/v1", _SELECTED),
    "ReplicaSet": ("apps/v1", _SELECTED),
    "Job": ("batch/v1", _JOB),
}


def test_owners(controllers: Cluster) -> None:
    """Deployment, StatefulSet, DaemonSet, bare ReplicaSet and Job: kind, name and uid."""
    with controllers.namespace() as name:
        for kind, (version, spec) in _WORKLOADS.items():
            metadata = {"name": f"my-{kind.lower()}-7d9", "namespace": name}
            controllers.apply(
                {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec}
            )

        def pods() -> dict[str, Any] | None:
            found = {}
            for pod in controllers.list("pods", name):
                one = owner.of_pod(pod)
                found[one.kind if one else ""] = pod
            return found if found.keys() >= _WORKLOADS.keys() else None

        made = until(pods, "each workload has a pod", 60)

        for kind in _WORKLOADS:
            own_name = f"my-{kind.lower()}-7d9"
            one = owner.of_pod(made[kind])
            assert isinstance(one, Owner)
            assert (one.kind, one.name) == (kind, own_name)
            regarding = workload(made[kind], name, "")
            stored = controllers.get(f"{kind.lower()}s", own_name, name)
            assert regarding is not None
            assert stored is not None
            assert regarding.api_version == stored["apiVersion"]
            assert regarding.uid == (stored["metadata"]["uid"] if kind != "Deployment" else "")
