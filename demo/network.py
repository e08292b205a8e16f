"""The shop's network on loopback: ports for the containers, addresses for the Services."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from demo.ports import LOOPBACK
from demo.translation import service_addresses


@dataclass(frozen=True, slots=True)
class Network:
    """What listens where.

    `listeners`: workload to container port to port here. `services`: DNS name and port to address.
    """

    listeners: Mapping[str, Mapping[int, int]]
    services: Mapping[str, str]


def container_ports(pod: Mapping[str, Any]) -> list[int]:
    """Every port that a container of the pod declares."""
    return [port["containerPort"] for port in _ports(pod)]


def lay_out(
    pods: Mapping[str, Mapping[str, Any]],
    services: Iterable[Mapping[str, Any]],
    namespace: str,
    ports: Iterable[int],
) -> Network:
    """Give every container port one of `ports`, and find every Service's pod.

    There must be ports enough. A workload that will not run keeps its port: who calls it is
    refused, as in a cluster without endpoints.
    """
    free = iter(ports)
    listeners = {
        name: {port: next(free) for port in container_ports(pod)} for name, pod in pods.items()
    }
    addresses = {
        service["metadata"]["name"]: dict(_addresses(service, pods, listeners))
        for service in services
    }
    return Network(listeners, service_addresses(addresses, namespace))


def target_port(pod: Mapping[str, Any], target: int | str) -> int | None:
    """The container port that a number or a name means in this pod."""
    if isinstance(target, int):
        return target
    return next((p["containerPort"] for p in _ports(pod) if p.get("name") == target), None)


def _addresses(
    service: Mapping[str, Any],
    pods: Mapping[str, Mapping[str, Any]],
    listeners: Mapping[str, Mapping[int, int]],
) -> Iterator[tuple[int, str]]:
    selector = service["spec"]["selector"].items()
    for name, pod in pods.items():
        if not selector <= pod["metadata"]["labels"].items():
            continue
        for port in service["spec"]["ports"]:
            target = target_port(pod, port.get("targetPort", port["port"]))
            if target is not None and target in listeners[name]:
                yield port["port"], f"{LOOPBACK}:{listeners[name][target]}"


def _ports(pod: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for container in pod["spec"]["containers"]:
        yield from container.get("ports") or ()
