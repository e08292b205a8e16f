"""Who sends the telemetry: service name and resource attributes of a container.

Attribute names are those of the OpenTelemetry semantic conventions for Kubernetes and services.
Values are percent-encoded as the resource specification asks; `$` too, which the kubelet would
otherwise expand. References to `SPANHOOK_*` variables are left for the kubelet.
"""

from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import quote

from webhook.annotations import Wishes
from webhook.images.reference import parse
from webhook.model import EMPTY, Context, Object
from webhook.value import Value

POD_NAME = "SPANHOOK_POD_NAME"
POD_UID = "SPANHOOK_POD_UID"
POD_NAMESPACE = "SPANHOOK_POD_NAMESPACE"
NODE_NAME = "SPANHOOK_NODE_NAME"
NODE_IP = "SPANHOOK_NODE_IP"

FIELDS = {
    POD_NAME: "metadata.name",
    POD_UID: "metadata.uid",
    POD_NAMESPACE: "metadata.namespace",
    NODE_NAME: "spec.nodeName",
    NODE_IP: "status.hostIP",
}
"""Our downward-API variables, in the order in which they are written, and their fields."""

_OWNERS = {
    "Deployment": "k8s.deployment.name",
    "StatefulSet": "k8s.statefulset.name",
    "DaemonSet": "k8s.daemonset.name",
    "ReplicaSet": "k8s.replicaset.name",
    "ReplicationController": "k8s.replicationcontroller.name",
    "Job": "k8s.job.name",
    "CronJob": "k8s.cronjob.name",
}


class Identity(Value):
    """A container's service name and attributes; values are encoded, ready for the variable."""

    service: str
    attributes: Mapping[str, str]


def service_name(pod: Object, context: Context, wishes: Wishes) -> str:
    """The name of the pod's service: annotations, then label, then owner, then pod."""
    metadata = pod.get("metadata") or {}
    labels = metadata.get("labels") or {}
    generated = (metadata.get("generateName") or "").rstrip("-")
    names = (
        wishes.service_name,
        wishes.resource.get("service.name"),
        labels.get("app.kubernetes.io/name"),
        context.owner.name if context.owner else None,
        metadata.get("name"),
        generated,
    )
    return next((name for name in names if name), "unknown_service")


def identify(
    pod: Object, container: Object, context: Context, wishes: Wishes, *, first: bool
) -> Identity:
    """The identity of one container; the name of all but the first has the container's too."""
    service = service_name(pod, context, wishes)
    name = container["name"]
    asked = {k: encoded(v) for k, v in wishes.resource.items() if k != "service.name"}
    namespace = context.namespace.name
    where = encoded(namespace) if namespace else f"$({POD_NAMESPACE})"
    attributes = {
        "k8s.namespace.name": where,
        **_owner(context),
        "k8s.pod.name": f"$({POD_NAME})",
        "k8s.pod.uid": f"$({POD_UID})",
        "k8s.node.name": f"$({NODE_NAME})",
        "k8s.container.name": name,
        "service.namespace": where,
        "service.instance.id": f"{where}.$({POD_NAME}).{name}",
    }
    version = _version(pod.get("metadata") or {}, container)
    if version:
        attributes["service.version"] = encoded(version)
    return Identity(service if first else f"{service}-{name}", {**attributes, **asked})


@lru_cache(maxsize=4096)
def encoded(text: str) -> str:
    """A value of OTEL_RESOURCE_ATTRIBUTES: percent-encoded but for what paths and images need."""
    return quote(text, safe="/:@")


def _owner(context: Context) -> dict[str, str]:
    owner = context.owner
    if owner is None:
        return {}
    found = {
        _OWNERS.get(owner.kind, ""): owner.name,
        "k8s.replicaset.name": owner.replica_set,
        "k8s.job.name": owner.job,
    }
    return {key: encoded(value) for key, value in found.items() if key and value}


def _version(metadata: Object, container: Object) -> str | None:
    label = (metadata.get("labels") or EMPTY).get("app.kubernetes.io/version")
    if label:
        return str(label)
    try:
        tag = parse(container.get("image") or "").tag
    except ValueError:
        return None
    # "latest" is the name of whatever was pushed last, not of a version.
    return None if tag == "latest" else tag
