"""The caBundle of our entries in the MutatingWebhookConfiguration, and nothing else of it.

A JSON patch, bound to the resourceVersion that was read and to each entry's name: it changes these
fields only, whoever owns the object, cannot create anything, and is refused where somebody was
faster. (Server-side apply would make up an entry that somebody has just taken out.)
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from certs import bundle
from kube.client import Object
from kube.errors import ApiError
from kube.paths import path

API_VERSION = "admissionregistration.k8s.io/v1"
PLURAL = "mutatingwebhookconfigurations"
_OURS = ".spanhook.dev"
"""Names of entries that are ours end so."""


class Patcher(Protocol):
    """What is asked of `kube.client.Client`."""

    async def get(self, path: str, **query: str) -> dict[str, Any]:
        """An object."""
        ...

    async def patch(self, path: str, operations: Sequence[Object], **query: str) -> dict[str, Any]:
        """JSON patch."""
        ...


@dataclass(frozen=True, slots=True)
class Entry:
    """One of our entries: its place in the list, and the certificates of its caBundle."""

    index: int
    name: str
    certificates: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Configuration:
    """Our entries; what is unreadable in a caBundle is not there."""

    version: str
    entries: tuple[Entry, ...]

    @property
    def bundles(self) -> tuple[tuple[bytes, ...], ...]:
        """The certificates of each entry."""
        return tuple(one.certificates for one in self.entries)

    def patch(self, certificates: Sequence[bytes]) -> list[dict[str, Any]]:
        """The operations that put these into every entry."""
        value = b64encode(bundle.write(certificates)).decode()
        operations = [{"op": "test", "path": "/metadata/resourceVersion", "value": self.version}]
        for one in self.entries:
            where = f"/webhooks/{one.index}"
            operations += [
                {"op": "test", "path": f"{where}/name", "value": one.name},
                {"op": "add", "path": f"{where}/clientConfig/caBundle", "value": value},
            ]
        return operations


class Bundles:
    """The configuration of that name. Methods raise `kube.errors.KubeError`."""

    def __init__(self, client: Patcher, name: str) -> None:
        self._client = client
        self._path = path(API_VERSION, PLURAL, name=name)

    async def read(self) -> Configuration | None:
        """As it is now; None where there is none."""
        try:
            found = await self._client.get(self._path)
        except ApiError as error:
            if error.not_found:
                return None
            raise
        entries = (
            Entry(index, one["name"], _certificates(one.get("clientConfig") or {}))
            for index, one in enumerate(found.get("webhooks") or ())
            if one["name"].endswith(_OURS)
        )
        return Configuration(found["metadata"]["resourceVersion"], tuple(entries))

    async def write(self, found: Configuration, certificates: Sequence[bytes]) -> None:
        """Put certificates into every entry; ApiError 422 where it changed since it was found."""
        await self._client.patch(self._path, found.patch(certificates))


def _certificates(client: Mapping[str, Any]) -> tuple[bytes, ...]:
    try:
        return bundle.read(b64decode(client.get("caBundle") or ""))
    except ValueError:
        return ()
