from typing import Any

from demo.network import container_ports, lay_out, target_port
from demo.ports import free_ports, loopback_socket


def _pod(name: str, *ports: dict[str, Any]) -> dict[str, Any]:
    return {"metadata": {"labels": {"app": name}}, "spec": {"containers": [{"ports": [*ports]}]}}


_PODS = {
    "front": _pod("front", {"name": "http", "containerPort": 8080}, {"containerPort": 8081}),
    "back": _pod("back", {"name": "http", "containerPort": 8080}),
}


def _service(name: str, app: str, *ports: dict[str, Any]) -> dict[str, Any]:
    return {"metadata": {"name": name}, "spec": {"selector": {"app": app}, "ports": [*ports]}}


def test_every_container_port_gets_a_port_of_its_own() -> None:
    """Two pods may listen on the same number: they have no address of their own here."""
    network = lay_out(_PODS, [], "shop", [1, 2, 3])

    assert network.listeners == {"front": {8080: 1, 8081: 2}, "back": {8080: 3}}


def test_a_service_is_found_by_each_of_its_names() -> None:
    """The selector finds the pod, the target port by name its port."""
    service = _service("web", "back", {"port": 80, "targetPort": "http"})

    network = lay_out(_PODS, [service], "shop", [1, 2, 3])

    assert network.services == {
        "web:80": "127.0.0.1:3",
        "web.shop:80": "127.0.0.1:3",
        "web.shop.svc:80": "127.0.0.1:3",
        "web.shop.svc.cluster.local:80": "127.0.0.1:3",
    }


def test_a_service_without_a_target_port_uses_its_own() -> None:
    """`targetPort` defaults to `port`."""
    network = lay_out(_PODS, [_service("edge", "front", {"port": 8081})], "shop", [1, 2, 3])

    assert network.services["edge:8081"] == "127.0.0.1:2"


def test_a_service_without_a_pod_has_no_address() -> None:
    """Nobody is behind it, so its name stays what it is."""
    assert lay_out(_PODS, [_service("x", "none", {"port": 1})], "shop", [1, 2, 3]).services == {}


def test_target_port() -> None:
    """A number is the port itself, a name is looked up, an unknown name is nothing."""
    pod = _PODS["front"]

    assert [target_port(pod, target) for target in (9, "http", "none")] == [9, 8080, None]


def test_container_ports() -> None:
    """All ports that the pod declares, in order."""
    assert container_ports(_PODS["front"]) == [8080, 8081]


def test_free_ports_differ_and_can_be_bound() -> None:
    """Every port that is handed out is free and handed out once."""
    ports = free_ports(5)

    assert len(set(ports)) == 5
    for port in ports:
        loopback_socket(port).close()
