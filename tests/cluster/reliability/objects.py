"""What the API server is given: pods, and the webhook's registration as the manifests have it."""

import base64
from pathlib import Path
from typing import Any, Literal

from tests.cluster.documents import objects

Object = dict[str, Any]
Policy = Literal["Fail", "Ignore"]

TIMEOUT_SECONDS = 3
"""As registered: how long the API server waits for an answer."""

_MANIFEST = Path(__file__).parents[3] / "manifests" / "base" / "webhook" / "configuration.yaml"

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


def configuration(home: str, policy: Policy, bundle: bytes) -> Object:
    """The shipped registration, named as the namespace `home` where its Service is.

    It is for namespaces that carry `home` as a label, too: other tests have namespaces as well.
    """
    (shipped,) = objects(_MANIFEST)
    shipped["metadata"]["name"] = home
    for webhook in shipped["webhooks"]:
        webhook["clientConfig"]["service"]["namespace"] = home
        webhook["clientConfig"]["caBundle"] = base64.b64encode(bundle).decode()
        webhook["failurePolicy"] = policy
        webhook["timeoutSeconds"] = TIMEOUT_SECONDS
        webhook["namespaceSelector"].setdefault("matchLabels", {})[home] = "served"
    return shipped
