"""The demo's shop on the node: its manifests, but for what is not to be had here."""

import socket
from collections.abc import Iterator
from functools import partial

from demo.workloads import MANIFESTS
from tests.cluster.client import Object
from tests.cluster.documents import objects
from tests.cluster.node import Node
from tests.waiting import until

NAMESPACE = "shop"
INSTRUMENTED = ("storefront", "cart", "prices")
"""Node.js, Python and Java."""
SERVICES = (*INSTRUMENTED, "stock")
"""What runs: no .NET is to be had for `exchange`, and who asks it does without."""

DOOR, EDGE = 8080, 8081  # the storefront's own port, and its sidecar's

# What else only an image's configuration tells, and no registry here has these images.
_COMMANDS = {"storefront": ["node", "server.js"]}
_LANGUAGES = {"prices": "prices=java", "stock": "stock=go"}


def open_shop(node: Node) -> None:
    """Deploy it and wait until every service can be reached. Raises TimeoutError."""
    node.apply(*manifests())
    for service in SERVICES:
        node.await_deployment(NAMESPACE, service, 120)
        # A pod is ready a moment before its node leads the Service's address to it.
        until(partial(_is_reached, _service(node, service)), f"the address of {service}")


def pod(node: Node, service: str) -> Object:
    """The one pod of a service."""
    (found,) = node.list("Pod", NAMESPACE, f"app.kubernetes.io/name={service}")
    return found


def door(node: Node) -> str:
    """The storefront's address."""
    return str(_service(node, "storefront")["clusterIP"])


def _service(node: Node, name: str) -> Object:
    service = node.get("Service", name, NAMESPACE)
    assert service is not None
    spec: Object = service["spec"]
    return spec


def _is_reached(service: Object) -> bool:
    try:
        with socket.create_connection((service["clusterIP"], service["ports"][0]["port"]), 5):
            return True
    except OSError:
        return False


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
