"""The image that pods ask for, a registry that has it, and how long a pod waits for that."""

from tests.webhook.server.cluster.images.stage import PYTHON, Registry

APP = "shop/cart:1"
DEADLINE = 1.0


def serving(seconds: float = 0.0) -> Registry:
    """A registry with one image."""
    registry = Registry(seconds=seconds)
    registry.push(APP, "one", PYTHON)
    return registry
