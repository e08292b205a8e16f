"""The demo's shop on the node: its manifests, but for what is not to be had here."""

from collections.abc import Iterator

from demo.workloads import MANIFESTS
from tests.cluster.client import Object
from tests.cluster.documents import objects
from tests.cluster.node import Node

NAMESPACE = "shop"
INSTRUMENTED = ("storefront", "cart", "prices")
"""Node.js, Python and Java."""
SERVICES = (*INSTRUMENTED, "stock")
"""What runs: no .NET is to be had for `exchange`, and who asks it does without."""

DOOR, EDGE = 8080, 8081  # the storefront's own port, and its sidecar's

# What else only an image's configuration tells, and no webhook reads images yet.
_COMMANDS = {"storefront": ["node", "server.js"]}
_LANGUAGES = {"prices": "prices=java", "stock": "stock=go"}


def open_shop(node: Node) -> None:
    """Deploy it and wait until every service is ready. Raises TimeoutError."""
    node.apply(*manifests())
    for service in SERVICES:
        node.await_deployment(NAMESPACE, service, 120)


def pod(node: Node, service: str) -> Object:
    """The one pod of a service."""
    (found,) = node.list("Pod", NAMESPACE, f"app.kubernetes.io/name={service}")
    return found


def door(node: Node) -> str:
    """The storefront's address."""
    service = node.get("Service", "storefront", NAMESPACE)
    assert service is not None
    return str(service["spec"]["clusterIP"])


def manifests() -> Iterator[Object]:
    """What is applied."""
    for thing in objects(*sorted(MANIFESTS.glob("*.yaml"))):
        name = thing["metadata"]["name"]
        if thing["kind"] == "Deployment":
            if name not in SERVICES:
                continue
            _say_what_it_runs(name, thing["spec"]["template"])
        yield thing


def _say_what_it_runs(service: str, template: Object) -> None:
    if service in _COMMANDS:
        template["spec"]["containers"][0]["command"] = _COMMANDS[service]
    if service in _LANGUAGES:
        template["metadata"]["annotations"] = {"spanhook.dev/languages": _LANGUAGES[service]}
