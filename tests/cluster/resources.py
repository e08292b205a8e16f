"""Where the API server keeps objects of a kind, as it says itself (aggregated discovery)."""

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.cluster.transport import Transport

_DISCOVERY = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"


@dataclass(frozen=True, slots=True)
class Resource:
    """One kind of object in one version of the API: `apps/v1`, `Deployment`, `deployments`."""

    version: str
    kind: str
    plural: str
    namespaced: bool
    names: frozenset[str]
    verbs: frozenset[str]

    def path(self, name: str = "", namespace: str | None = None) -> str:
        """The path of one object, or of all where `name` is empty.

        `namespace` does not matter for kinds without one; None means all namespaces.
        """
        root = "api" if "/" not in self.version else "apis"
        inside = ("namespaces", namespace) if self.namespaced and namespace else ()
        return "/".join(("", root, self.version, *inside, self.plural, *((name,) if name else ())))


class Resources:
    """What the API server offers; asked anew when somebody wants what was not there before."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._known: tuple[Resource, ...] = ()
        self._lock = threading.Lock()

    def named(self, name: str) -> Resource:
        """By kind, plural, singular or short name in any case: `Pod`, `pods`, `po`, `po.v1`.

        Of several versions the one that the API server prefers. Raises LookupError.
        """
        wanted = name.casefold()
        return self._first(lambda resource: wanted in resource.names, name)

    def of(self, thing: Mapping[str, Any]) -> Resource:
        """Of an object's `apiVersion` and `kind`. Raises LookupError."""
        version, kind = thing["apiVersion"], thing["kind"]
        return self._first(
            lambda resource: (resource.version, resource.kind) == (version, kind),
            f"{kind} in {version}",
        )

    def all(self) -> tuple[Resource, ...]:
        """Everything, as the API server offers it now."""
        with self._lock:
            self._known = tuple(self._discover())
            return self._known

    def _first(self, matches: Callable[[Resource], bool], name: str) -> Resource:
        found = next(filter(matches, self._known), None) or next(filter(matches, self.all()), None)
        if found is None:
            raise LookupError(f"the API server has no {name}")
        return found

    def _discover(self) -> Iterator[Resource]:
        for path in ("/api", "/apis"):
            answer = self._transport.request("GET", path, accept=_DISCOVERY)
            for group in answer.body["items"]:
                name = group["metadata"].get("name")
                for version in group["versions"]:
                    joined = f"{name}/{version['version']}" if name else version["version"]
                    for resource in version.get("resources", ()):
                        yield _resource(joined, resource)


def _resource(version: str, found: Mapping[str, Any]) -> Resource:
    kind, plural = found["responseKind"]["kind"], found["resource"]
    names = {kind, plural, found.get("singularResource", ""), *found.get("shortNames", ())}
    names = {name.casefold() for name in names if name}
    group = version.partition("/")[0]
    return Resource(
        version,
        kind,
        plural,
        namespaced=found["scope"] == "Namespaced",
        names=frozenset(names | {f"{name}.{group}" for name in names}),
        verbs=frozenset(found["verbs"]),
    )
