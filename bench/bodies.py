"""Admission reviews as the API server sends them.

What a kube-apiserver 1.37 was seen to send for a pod of a Deployment: 10.9 KB, of which the pod
takes 5 KB and its `managedFields`, which nobody reads, another 5 KB.
"""

import json
from typing import Any

Json = dict[str, Any]

_TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount"  # noqa: S105  # a path


def review(pod_bytes: int, *, managed: bool = True) -> bytes:
    """A review of a pod of about `pod_bytes` bytes, with or without `managedFields` on top."""
    return envelope(pod(pod_bytes), managed=managed)


def api_server_review() -> bytes:
    """The review that the targets are about: 10.9 KB, two containers, one to be instrumented."""
    return review(5_100)


def pod(size: int) -> Json:
    """A pod with as many variables as it takes to be `size` bytes long."""
    low, high = 0, size // 20
    while low < high:
        middle = (low + high + 1) // 2
        if len(_encoded(_pod(middle))) <= size:
            low = middle
        else:
            high = middle - 1
    return _pod(low)


def envelope(object_: Json, *, managed: bool = True) -> bytes:
    """The review of a pod's creation."""
    kind = {"group": "", "version": "v1", "kind": "Pod"}
    resource = {"group": "", "version": "v1", "resource": "pods"}
    if managed:
        metadata = object_["metadata"] | {"managedFields": _managed_fields(object_)}
        object_ = object_ | {"metadata": metadata}
    document = {
        "kind": "AdmissionReview",
        "apiVersion": "admission.k8s.io/v1",
        "request": {
            "uid": "0df28fbd-5f5f-11e8-bc74-36e6bb280816",
            "kind": kind,
            "resource": resource,
            "requestKind": kind,
            "requestResource": resource,
            "namespace": "shop",
            "operation": "CREATE",
            "userInfo": {
                "username": "system:serviceaccount:kube-system:replicaset-controller",
                "uid": "b1f7d2a1-2b61-4dd5-a7a4-92f2bb6a0b5c",
                "groups": ["system:serviceaccounts", "system:authenticated"],
            },
            "object": object_,
            "oldObject": None,
            "dryRun": False,
            "options": {"kind": "CreateOptions", "apiVersion": "meta.k8s.io/v1"},
        },
    }
    return _encoded(document)


def _pod(variables: int) -> Json:
    return {"kind": "Pod", "apiVersion": "v1", "metadata": _metadata(), "spec": _spec(variables)}


def _metadata() -> Json:
    return {
        "generateName": "cart-6c8b5f9d7c-",
        "namespace": "shop",
        "creationTimestamp": None,
        "labels": {
            "app.kubernetes.io/name": "cart",
            "app.kubernetes.io/part-of": "shop",
            "pod-template-hash": "6c8b5f9d7c",
        },
        "annotations": {"prometheus.io/scrape": "true", "prometheus.io/port": "8080"},
        "ownerReferences": [
            {
                "apiVersion": "apps/v1",
                "kind": "ReplicaSet",
                "name": "cart-6c8b5f9d7c",
                "uid": "6f1c3d1e-1a5e-4a35-9d5a-6f6e0c6b3c11",
                "controller": True,
                "blockOwnerDeletion": True,
            }
        ],
    }


def _spec(variables: int) -> Json:
    return {
        "volumes": [{"name": "token", "projected": {"defaultMode": 420, "sources": _sources()}}],
        "containers": [_application(variables), _proxy()],
        "restartPolicy": "Always",
        "terminationGracePeriodSeconds": 30,
        "dnsPolicy": "ClusterFirst",
        "serviceAccountName": "cart",
        "serviceAccount": "cart",
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "schedulerName": "default-scheduler",
        "tolerations": [
            {"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}
            for key in ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
        ],
        "priority": 0,
        "enableServiceLinks": True,
        "preemptionPolicy": "PreemptLowerPriority",
    }


def _sources() -> list[Json]:
    return [
        {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
        {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
    ]


def _application(variables: int) -> Json:
    probe = {"httpGet": {"path": "/healthz", "port": "http", "scheme": "HTTP"}, "periodSeconds": 10}
    own = [
        {"name": f"SHOP_SETTING_{number:03}", "value": f"value-of-setting-{number:03}"}
        for number in range(variables)
    ]
    return {
        "name": "cart",
        "image": "registry.example/shop/cart:2026.11.1",
        "command": ["python", "-m", "shop.cart"],
        "ports": [{"name": "http", "containerPort": 8080, "protocol": "TCP"}],
        "env": own,
        "resources": {
            "limits": {"cpu": "500m", "memory": "512Mi"},
            "requests": {"cpu": "100m", "memory": "256Mi"},
        },
        "livenessProbe": probe,
        "readinessProbe": probe,
        **_every_container(),
    }


def _proxy() -> Json:
    return {
        "name": "istio-proxy",
        "image": "registry.example/istio/proxyv2:1.27.0",
        "args": ["proxy", "sidecar", "--domain", "$(POD_NAMESPACE).svc.cluster.local"],
        "env": [
            {
                "name": "POD_NAMESPACE",
                "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}},
            }
        ],
        "resources": {"requests": {"cpu": "10m", "memory": "40Mi"}},
        **_every_container(),
    }


def _every_container() -> Json:
    return {
        "volumeMounts": [{"name": "token", "readOnly": True, "mountPath": _TOKEN}],
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
        "imagePullPolicy": "IfNotPresent",
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
    }


def _managed_fields(object_: Json) -> list[Json]:
    """Who set which field, in the form that the API server keeps (`fieldsV1`)."""
    owned = {name: value for name, value in object_.items() if name in {"metadata", "spec"}}
    return [
        {
            "manager": "kube-controller-manager",
            "operation": "Update",
            "apiVersion": "v1",
            "time": "2026-11-23T10:00:00Z",
            "fieldsType": "FieldsV1",
            "fieldsV1": _fields(owned),
        }
    ]


def _fields(value: Any) -> Json:
    if isinstance(value, dict):
        return {f"f:{name}": _fields(item) for name, item in value.items()}
    if isinstance(value, list) and value and isinstance(value[0], dict):
        named = (item for item in value if "name" in item)
        return {f'k:{{"name":"{item["name"]}"}}': {".": {}} | _fields(item) for item in named}
    return {}


def _encoded(document: Json) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()
