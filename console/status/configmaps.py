"""ConfigMaps that containers take variables from, read when a pod first refers to one."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from console.status.documents import found
from console.status.model import Unread
from console.status.requests import read
from kube.client import Client
from kube.paths import path
from webhook.configmaps import kept
from webhook.model import Object


@dataclass(slots=True)
class ConfigMaps:
    """Those of one namespace. `known` is what decisions read, as `webhook.model.Facts` has it."""

    client: Client
    namespace: str
    known: dict[tuple[str, str], Mapping[str, str | None]] = field(default_factory=dict)
    refused: Unread | None = None
    _asked: set[str] = field(default_factory=set)

    async def look(self, pods: Iterable[Object]) -> None:
        """Read what these pods refer to and nobody has asked for yet.

        Raises Unreachable, and ApiError (401). After a refusal no other is asked for.
        """
        for name in sorted({name for pod in pods for name in references(pod)} - self._asked):
            if self.refused is not None:
                return
            self._asked.add(name)
            at = path("v1", "configmaps", namespace=self.namespace, name=name)
            answer = await read(self.client, "pods", f"ConfigMaps of {self.namespace}", at)
            if isinstance(answer, Unread):
                self.refused = answer
            elif (live := found(answer)) is not None:
                self.known[self.namespace, name] = kept(live.get("data"))


def references(pod: Object) -> Iterator[str]:
    """The names of the ConfigMaps in the `envFrom` of a pod's containers."""
    for section in ("containers", "initContainers"):
        for container in pod["spec"].get(section) or ():
            for source in container.get("envFrom") or ():
                if name := (source.get("configMapRef") or {}).get("name"):
                    yield name
