"""An InstrumentedApplication, and ways to change it."""

import copy
from typing import Any

from webhook.observed import Key, Workload, started

Json = dict[str, Any]

DIGEST = "sha256:" + "1" * 64
CART = Workload("shop", "Deployment", "cart")
CONTAINER: Json = {"name": "app", "image": f"acme/cart@{DIGEST}"}
KEY = Key(CART, "app", DIGEST)


def application(language: str | None = "python", **entry: Any) -> Json:
    """One object with one container; further fields are of its observation."""
    name = {"containerName": "app", "digest": DIGEST}
    told = {"language": language} if language else {}
    return {
        "apiVersion": "spanhook.dev/v1alpha1",
        "kind": "InstrumentedApplication",
        "metadata": {"name": CART.object_name, "namespace": CART.namespace},
        "spec": {
            "workload": {"kind": CART.kind, "name": CART.name},
            "languages": [
                {**name, **told, "processName": "main", "commandKey": started(CONTAINER)}
            ],
        },
        "status": {
            "observations": [{**name, "lastSeen": "2026-11-20T00:00:00Z", **entry}],
            "summary": "app: python",
        },
    }


def changed(path: str, value: Any, document: Json | None = None) -> Json:
    """The object with another value at a path such as `spec.languages.0.digest`."""
    found = copy.deepcopy(document or application())
    *parents, last = path.split(".")
    holder: Any = found
    for key in parents:
        holder = holder[int(key) if key.isdigit() else key]
    holder[last] = value
    return found
