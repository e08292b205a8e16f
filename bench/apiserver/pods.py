"""Pods as people create them, in three sizes; in each at least one container to be instrumented."""

from collections.abc import Mapping
from types import MappingProxyType

from bench import bodies
from bench.bodies import Json

MANY = 20


def small() -> Json:
    """One container, nothing but image and command."""
    return _pod({"containers": [_container("cart", 0)]})


def usual() -> Json:
    """The pod of a Deployment with a sidecar: what the API server's reviews of 10.9 KB hold."""
    pod: Json = bodies.pod(5_100)
    spec = {key: value for key, value in pod["spec"].items() if not key.startswith("serviceA")}
    metadata = {key: value for key, value in pod["metadata"].items() if key != "namespace"}
    return pod | {"metadata": metadata, "spec": spec}


def many() -> Json:
    """Twenty containers, each of them to be instrumented."""
    return _pod({"containers": [_container(f"cart-{number}", 10) for number in range(MANY)]})


def _pod(spec: Json) -> Json:
    metadata = {"generateName": "cart-", "labels": {"app.kubernetes.io/name": "cart"}}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def _container(name: str, variables: int) -> Json:
    return {
        "name": name,
        "image": "registry.example/shop/cart:2026.11.1",
        "command": ["python", "-m", "shop.cart"],
        "env": [
            {"name": f"SHOP_SETTING_{number:03}", "value": f"value-of-setting-{number:03}"}
            for number in range(variables)
        ],
    }


PODS: Mapping[str, Json] = MappingProxyType(
    {"one container": small(), "usual": usual(), "20 containers": many()}
)
