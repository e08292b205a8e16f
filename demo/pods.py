"""From a Deployment to the pod that the API server would ask a webhook about.

The Deployment controller names a ReplicaSet ``<deployment>-<hash>`` and labels it with the hash;
the ReplicaSet controller makes a pod without a name but with `generateName`. By the time a mutating
webhook is called, the defaults of the API and the ServiceAccount plugin stand in the pod.
"""

import copy
import hashlib
import json
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

# The letters that Kubernetes builds hashes from (apimachinery's rand.SafeEncodeString): no vowels,
# nothing that looks like something else.
_LETTERS = "bcdfghjklmnpqrstvwxz2456789"

# What the API server fills in where a manifest says nothing.
_POD_DEFAULTS: Mapping[str, Any] = {
    "restartPolicy": "Always",
    "terminationGracePeriodSeconds": 30,
    "dnsPolicy": "ClusterFirst",
    "serviceAccountName": "default",
    "serviceAccount": "default",
    "securityContext": {},
    "schedulerName": "default-scheduler",
    "priority": 0,
    "preemptionPolicy": "PreemptLowerPriority",
    "enableServiceLinks": True,
}
_CONTAINER_DEFAULTS: Mapping[str, Any] = {
    "resources": {},
    "terminationMessagePath": "/dev/termination-log",
    "terminationMessagePolicy": "File",
    "imagePullPolicy": "IfNotPresent",
}
_PROBE_DEFAULTS: Mapping[str, Any] = {
    "timeoutSeconds": 1,
    "periodSeconds": 10,
    "successThreshold": 1,
    "failureThreshold": 3,
}
_PROBES = ("startupProbe", "readinessProbe", "livenessProbe")


def pod_of(deployment: Mapping[str, Any]) -> dict[str, Any]:
    """The pod of the Deployment's first replica, as it arrives in an AdmissionReview."""
    template = copy.deepcopy(deployment["spec"]["template"])
    digest = template_hash(template)
    replica_set = f"{deployment['metadata']['name']}-{digest}"
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": _metadata(template.get("metadata") or {}, replica_set, digest),
        "spec": _spec(template["spec"]),
        "status": {},
    }


def admitted(pod: Mapping[str, Any], namespace: str) -> dict[str, Any]:
    """The pod after admission: named, stored and bound to this machine as its node."""
    metadata = pod["metadata"]
    name = metadata.get("name") or metadata["generateName"] + _letters(uuid.uuid4().bytes, 5)
    return {
        **pod,
        "metadata": {
            **metadata,
            "name": name,
            "namespace": namespace,
            "uid": str(uuid.uuid4()),
        },
        "spec": {**pod["spec"], "nodeName": "this-machine"},
        "status": {"phase": "Pending", "hostIP": "127.0.0.1", "podIP": "127.0.0.1"},
    }


def template_hash(template: Mapping[str, Any]) -> str:
    """Ten letters that change with the template, as in `pod-template-hash`."""
    return _letters(hashlib.sha256(json.dumps(template, sort_keys=True).encode()).digest(), 10)


def _letters(digest: bytes, count: int) -> str:
    return "".join(_LETTERS[byte % len(_LETTERS)] for byte in digest[:count])


def _metadata(template: Mapping[str, Any], replica_set: str, digest: str) -> dict[str, Any]:
    return {
        **template,
        "generateName": f"{replica_set}-",
        "labels": {**(template.get("labels") or {}), "pod-template-hash": digest},
        "ownerReferences": [
            {
                "apiVersion": "apps/v1",
                "kind": "ReplicaSet",
                "name": replica_set,
                "uid": str(uuid.uuid5(uuid.NAMESPACE_DNS, replica_set)),
                "controller": True,
                "blockOwnerDeletion": True,
            }
        ],
    }


def _spec(template: dict[str, Any]) -> dict[str, Any]:
    spec = {**_POD_DEFAULTS, **template}
    for field in ("initContainers", "containers"):
        if field in spec:
            spec[field] = [_container(container) for container in spec[field]]
    for reference in _field_references(spec):
        reference.setdefault("apiVersion", "v1")
    return spec


def _container(container: Mapping[str, Any]) -> dict[str, Any]:
    result = {**_CONTAINER_DEFAULTS, **container}
    for port in result.get("ports") or ():
        port.setdefault("protocol", "TCP")
    for name in _PROBES:
        if name in result:
            result[name] = {**_PROBE_DEFAULTS, **result[name]}
            result[name].get("httpGet", {}).setdefault("scheme", "HTTP")
    return result


def _field_references(spec: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for container in (*spec.get("initContainers", ()), *spec["containers"]):
        for entry in container.get("env") or ():
            if reference := (entry.get("valueFrom") or {}).get("fieldRef"):
                yield reference
