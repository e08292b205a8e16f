"""What the API server is told: a Service, the endpoint of each replica, the webhook's entry."""

import base64
from typing import Any, Literal

Object = dict[str, Any]
Policy = Literal["Fail", "Ignore"]

SERVICE = "spanhook-webhook"
TIMEOUT_SECONDS = 3

POD: Object = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "", "labels": {"app.kubernetes.io/name": "cart"}},
    "spec": {
        "containers": [
            {
                "name": "cart",
                "image": "registry.example/shop/cart:2026.11.1",
                "command": ["python", "-m", "shop.cart"],
                "env": [{"name": "SHOP_CURRENCY", "value": "EUR"}],
                "resources": {
                    "requests": {"cpu": "100m", "memory": "256Mi"},
                    "limits": {"memory": "512Mi"},
                },
            }
        ]
    },
}
"""A pod that is instrumented without a look at its image."""


def service(namespace: str) -> Object:
    """A Service without a selector: its endpoints are told, not found."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": SERVICE, "namespace": namespace},
        "spec": {"ports": [{"name": "https", "port": 443, "protocol": "TCP"}]},
    }


def endpoint_slice(
    namespace: str, name: str, address: tuple[str, int], *, ready: bool, terminating: bool
) -> Object:
    """One replica's endpoint, with the conditions that Kubernetes gives it in its pod's phases."""
    host, port = address
    conditions = {"ready": ready, "serving": ready or terminating, "terminating": terminating}
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "labels": {"kubernetes.io/service-name": SERVICE},
        },
        "addressType": "IPv4",
        "ports": [{"name": "https", "port": port, "protocol": "TCP"}],
        "endpoints": [{"addresses": [host], "conditions": conditions}],
    }


def configuration(name: str, namespace: str, label: str, bundle: bytes, policy: Policy) -> Object:
    """The webhook's configuration, for pods of namespaces that have the label."""
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "MutatingWebhookConfiguration",
        "metadata": {"name": name},
        "webhooks": [
            {
                "name": "namespaces.spanhook.dev",
                "clientConfig": {
                    "service": {"namespace": namespace, "name": SERVICE, "path": "/mutate"},
                    "caBundle": base64.b64encode(bundle).decode(),
                },
                "rules": [
                    {
                        "apiGroups": [""],
                        "apiVersions": ["v1"],
                        "resources": ["pods"],
                        "operations": ["CREATE"],
                        "scope": "Namespaced",
                    }
                ],
                "namespaceSelector": {"matchLabels": {label: "enabled"}},
                "failurePolicy": policy,
                "timeoutSeconds": TIMEOUT_SECONDS,
                "reinvocationPolicy": "IfNeeded",
                "sideEffects": "NoneOnDryRun",
                "admissionReviewVersions": ["v1"],
            }
        ],
    }
