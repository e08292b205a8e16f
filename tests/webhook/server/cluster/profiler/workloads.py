"""Workloads and pods that nobody runs, as the API server takes them."""

from collections.abc import Mapping
from typing import Any


def workload(
    image: str, kind: str = "Deployment", name: str = "cart", **container: Any
) -> dict[str, Any]:
    """A workload of one container; nothing runs it, as there are no controllers."""
    one = {"name": "app", "image": image, **container}
    template: dict[str, Any] = {
        "metadata": {"labels": {"app": name}},
        "spec": {"containers": [one]},
    }
    spec: dict[str, Any] = {"selector": {"matchLabels": {"app": name}}, "template": template}
    if kind == "StatefulSet":
        spec["serviceName"] = name
    if kind in {"Job", "CronJob"}:
        template["spec"]["restartPolicy"] = "Never"
        spec = {"template": template}
    if kind == "CronJob":
        spec = {"schedule": "@daily", "jobTemplate": {"spec": spec}}
    version = "batch/v1" if kind in {"Job", "CronJob"} else "apps/v1"
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name}, "spec": spec}


def pod(image: str, name: str = "cart-1", labels: Mapping[str, str] | None = None) -> Any:
    """A pod of one container."""
    metadata = {"name": name, "labels": dict(labels or {})}
    spec = {"containers": [{"name": "app", "image": image}]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}
