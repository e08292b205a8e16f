"""What is known of this node's pods."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

from kube.paths import path
from webhook.model import Object

PATH = path("v1", "pods")

_LISTS = ("containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses")


class _Metadata(msgspec.Struct):
    name: str
    namespace: str
    uid: str


class PodObject(msgspec.Struct):
    """What is read of a Pod; the rest of it stays undecoded until somebody asks."""

    metadata: msgspec.Raw
    spec: msgspec.Raw
    status: msgspec.Raw = msgspec.Raw(b"{}")

    def kept(self) -> "Pod":
        """What is kept of it."""
        metadata = _decode(self.metadata)
        metadata.pop("managedFields", None)  # as large as all the rest, and nobody reads it
        status = _decode(self.status)
        names = _metadata(self.metadata)
        document = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": metadata,
            "spec": self.spec,
            "status": status,
        }
        return Pod(names.uid, names.namespace, names.name, _encode(document), _ids(status))


@dataclass(frozen=True, slots=True)
class Pod:
    """A pod of this node: its JSON as text, and the names of its containers by their IDs."""

    uid: str
    namespace: str
    name: str
    text: bytes
    containers: tuple[tuple[str, str], ...] = ()

    @property
    def document(self) -> Object:
        """The pod as the API server tells of it, without `managedFields`."""
        return _decode(self.text)

    def container(self, identifier: str) -> str | None:
        """The name of the container of this ID, None where the status does not tell it yet."""
        return next((name for one, name in self.containers if one == identifier), None)


class Pods:
    """Pods by UID; `told` is called with the UID of each that is new, another, or gone."""

    def __init__(self, told: Callable[[str], None]) -> None:
        self.known: dict[str, Pod] = {}
        self._told = told

    def replaced(self, objects: Iterable[PodObject]) -> None:
        """These are all pods of the node."""
        kept = {one.uid: one for one in map(PodObject.kept, objects)}
        before, self.known = self.known, kept
        for uid in before.keys() | kept.keys():
            if before.get(uid) != kept.get(uid):
                self._told(uid)

    def changed(self, item: PodObject) -> None:
        """A pod is new or has changed."""
        kept = item.kept()
        self.known[kept.uid] = kept
        self._told(kept.uid)

    def removed(self, item: PodObject) -> None:
        """A pod is gone."""
        uid = _metadata(item.metadata).uid
        if self.known.pop(uid, None) is not None:
            self._told(uid)

    def get(self, uid: str) -> Pod | None:
        """A pod as it is now."""
        return self.known.get(uid)

    def within(self, namespace: str) -> list[str]:
        """The UIDs of a namespace's pods."""
        return [one.uid for one in list(self.known.values()) if one.namespace == namespace]


_decode: Callable[[bytes | msgspec.Raw], dict[str, Any]] = msgspec.json.Decoder(
    dict[str, Any]
).decode
_metadata = msgspec.json.Decoder(_Metadata).decode
_encode = msgspec.json.Encoder().encode


def _ids(status: Object) -> tuple[tuple[str, str], ...]:
    """ID and name of each container that was started: `containerd://0123…` → `0123…`."""
    return tuple(
        (one["containerID"].rpartition("/")[2], one.get("name", ""))
        for key in _LISTS
        for one in status.get(key) or ()
        if one.get("containerID")
    )
