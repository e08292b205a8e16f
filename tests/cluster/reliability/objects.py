"""What the API server is given: pods, and the webhook's registration as the manifests have it."""

from pathlib import Path
from typing import Any, Literal

from tests.cluster.documents import objects

Object = dict[str, Any]
Policy = Literal["Fail", "Ignore"]

SHIPPED_SECONDS = 3
PATIENT_SECONDS = 10
"""How long the API server waits for an answer: as registered, and as long as it waits by default.

The latter where calls that get lost are counted: on a machine where all cores are taken, answers
may be late, and that would be counted, too.
"""

_MANIFESTS = Path(__file__).parents[3] / "manifests" / "base" / "webhook"

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


def named(name: str) -> Object:
    """The pod under this name."""
    return POD | {"metadata": POD["metadata"] | {"name": name}}


def secret(home: str) -> Object:
    """The shipped Secret for the certificates, empty."""
    (shipped,) = objects(_MANIFESTS / "certificates.yaml")
    shipped["metadata"]["namespace"] = home
    return shipped


def configuration(home: str, policy: Policy, timeout_seconds: int) -> Object:
    """The shipped registration, named as the namespace `home` where its Service is.

    It is for namespaces that carry `home` as a label, too: other tests have namespaces as well.
    """
    (shipped,) = objects(_MANIFESTS / "configuration.yaml")
    shipped["metadata"]["name"] = home
    for webhook in shipped["webhooks"]:
        webhook["clientConfig"]["service"]["namespace"] = home
        webhook["failurePolicy"] = policy
        webhook["timeoutSeconds"] = timeout_seconds
        webhook["namespaceSelector"].setdefault("matchLabels", {})[home] = "served"
    return shipped
