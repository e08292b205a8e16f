"""What Kubernetes computes of a pod, written from its documentation: the oracle of the tests."""

from collections.abc import Mapping
from typing import Any

from webhook.quantity import parse

Json = Mapping[str, Any]

_COMPUTE = ("cpu", "memory", "ephemeral-storage")


def effective(pod: Json, kind: str) -> dict[str, float]:
    """The pod's effective requests or limits per resource (sidecar containers included).

    Source: kubernetes.io, "Sidecar containers: resource sharing within containers".
    """
    result: dict[str, float] = {}
    for resource in _COMPUTE:
        running = peak = 0.0
        for container in pod["spec"].get("initContainers") or ():
            amount = _amount(container, kind, resource)
            if container.get("restartPolicy") == "Always":
                running += amount
                peak = max(peak, running)
            else:
                peak = max(peak, running + amount)
        running += sum(_amount(c, kind, resource) for c in pod["spec"]["containers"])
        result[resource] = max(peak, running)
    return result


def _amount(container: Json, kind: str, resource: str) -> float:
    values = (container.get("resources") or {}).get(kind) or {}
    return parse(values.get(resource, "0")) or 0.0


def quality_of_service(pod: Json) -> str:
    """The pod's QoS class. Source: kubernetes.io, "Pod Quality of Service Classes"."""
    containers = [*(pod["spec"].get("initContainers") or ()), *pod["spec"]["containers"]]
    stated = [
        (c.get("resources") or {}).get(kind) or {}
        for c in containers
        for kind in ("requests", "limits")
    ]
    if not any(set(values) & {"cpu", "memory"} for values in stated):
        return "BestEffort"
    return "Guaranteed" if all(map(_guaranteed, containers)) else "Burstable"


def _guaranteed(container: Json) -> bool:
    resources = container.get("resources") or {}
    limits = resources.get("limits") or {}
    # The API server copies a limit to an absent request before it computes the class.
    requests = {**limits, **(resources.get("requests") or {})}
    return all(
        name in limits and parse(requests[name]) == parse(limits[name])
        for name in ("cpu", "memory")
    )


def restricted_violations(pod: Json, container: Json) -> list[str]:
    """What of a container the restricted Pod Security Standard forbids."""
    context = {**(pod["spec"].get("securityContext") or {}), **(container["securityContext"])}
    checks = {
        "allowPrivilegeEscalation": context.get("allowPrivilegeEscalation") is False,
        "capabilities": context.get("capabilities") == {"drop": ["ALL"]},
        "runAsNonRoot": context.get("runAsNonRoot") is True,
        "runAsUser": context.get("runAsUser") != 0,
        "seccompProfile": context.get("seccompProfile") == {"type": "RuntimeDefault"},
        "privileged": not context.get("privileged"),
        "hostPort": not container.get("ports"),
    }
    return [name for name, passed in checks.items() if not passed]
