"""Services whose endpoints are processes of this machine, as tests say."""

import threading
from dataclasses import dataclass, field
from typing import Self

from tests.cluster.addresses import own_address
from tests.cluster.client import Client, Object

_PORT_NAME = "https"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where one process listens, and what its readiness probe and its end would say of it."""

    address: str
    port: int
    ready: bool = True
    terminating: bool = False


@dataclass(frozen=True, slots=True)
class Service:
    """A Service without a selector. What calls it by name is `clientConfig.service`."""

    client: Client
    namespace: str
    name: str
    _endpoints: dict[str, Endpoint] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def create(cls, client: Client, namespace: str, name: str, *, port: int = 443) -> Self:
        """Make it, or take the one that is there. Raises ApiRefused."""
        spec = {"ports": [{"name": _PORT_NAME, "port": port}]}
        client.apply(_object("v1", "Service", namespace, name) | {"spec": spec})
        service = cls(client, namespace, name)
        service._tell_old_servers()
        return service

    def add(
        self,
        replica: str,
        port: int,
        *,
        address: str | None = None,
        ready: bool = True,
        terminating: bool = False,
    ) -> None:
        """Set the endpoint of a replica; the same name again changes it. Raises ApiRefused.

        `address` is by default this machine's own: listen on it, or on all.
        """
        endpoint = Endpoint(address or own_address(), port, ready, terminating)
        self.client.apply(self._slice(replica, endpoint))
        with self._lock:
            self._endpoints[replica] = endpoint
            self._tell_old_servers()

    def remove(self, replica: str) -> None:
        """Take away a replica's endpoint. Raises ApiRefused."""
        self.client.delete("EndpointSlice", f"{self.name}-{replica}", self.namespace)
        with self._lock:
            self._endpoints.pop(replica, None)  # it may have ended before it was added
            self._tell_old_servers()

    def _slice(self, replica: str, endpoint: Endpoint) -> Object:
        """One for each replica: addresses of a slice share their ports, processes here do not."""
        name = f"{self.name}-{replica}"
        found = _object("discovery.k8s.io/v1", "EndpointSlice", self.namespace, name)
        found["metadata"]["labels"] = {"kubernetes.io/service-name": self.name}
        conditions = {
            "ready": endpoint.ready,
            "serving": endpoint.ready or endpoint.terminating,
            "terminating": endpoint.terminating,
        }
        return found | {
            "addressType": "IPv4",
            "ports": [{"name": _PORT_NAME, "port": endpoint.port}],
            "endpoints": [{"addresses": [endpoint.address], "conditions": conditions}],
        }

    def _tell_old_servers(self) -> None:
        """Kubernetes 1.30's API server looks for a webhook's endpoints in Endpoints only."""
        found = _object("v1", "Endpoints", self.namespace, self.name)
        found["metadata"]["labels"] = {"endpointslice.kubernetes.io/skip-mirror": "true"}
        subsets = [
            {
                "addresses": [{"ip": endpoint.address}],
                "ports": [{"name": _PORT_NAME, "port": endpoint.port}],
            }
            for endpoint in self._endpoints.values()
            if endpoint.ready
        ]
        self.client.apply(found | {"subsets": subsets})


def _object(version: str, kind: str, namespace: str, name: str) -> Object:
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": version, "kind": kind, "metadata": metadata}
