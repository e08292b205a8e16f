"""The Secret with the certificates: read whole, replaced under the resourceVersion that was read.

Other keys, labels and annotations are somebody's: they stay.
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol, cast, get_args

from certs import secret
from certs.holdings import Holdings
from certs.rotation import Asked
from certs.secret import Reading
from kube.client import Object
from kube.errors import ApiError
from kube.paths import path

ROTATE = "spanhook.dev/rotate"
"""The annotation by which a person asks for a rotation: `authority` or `leaf`."""


class Writer(Protocol):
    """What is asked of `kube.client.Client`."""

    async def get(self, path: str, **query: str) -> dict[str, Any]:
        """An object."""
        ...

    async def replace(self, path: str, body: Object, **query: str) -> dict[str, Any]:
        """An object in place of the one of that resourceVersion."""
        ...


@dataclass(frozen=True)
class Secret:
    """The Secret as the API server has it."""

    body: Object = field(repr=False)

    @cached_property
    def data(self) -> dict[str, bytes]:
        """Its content, decoded."""
        return {key: b64decode(value) for key, value in (self.body.get("data") or {}).items()}

    @cached_property
    def reading(self) -> Reading:
        """What can be used of it, if it is ours."""
        return secret.read(self.data)

    @property
    def uid(self) -> str:
        """Which of all Secrets that ever had its name."""
        return str(self._metadata.get("uid", ""))

    @property
    def version(self) -> str:
        """The resourceVersion."""
        return str(self._metadata.get("resourceVersion", ""))

    @property
    def wish(self) -> str | None:
        """What the annotation says, None without one."""
        return (self._metadata.get("annotations") or {}).get(ROTATE)

    @property
    def asked(self) -> Asked | None:
        """What a person asks for, if it is something that there is."""
        return cast("Asked", self.wish) if self.wish in get_args(Asked) else None

    def holding(self, holdings: Holdings, *, settled: bool) -> dict[str, Any]:
        """The Secret with other content; without the annotation where that is `settled`."""
        data = dict(self.body.get("data") or {})
        for key, value in secret.write(holdings).items():
            data.pop(key, None)
            if value is not None:
                data[key] = b64encode(value).decode()
        metadata = dict(self._metadata)
        if settled:
            annotations = dict(metadata.get("annotations") or {})
            annotations.pop(ROTATE, None)
            metadata["annotations"] = annotations
        return {**self.body, "metadata": metadata, "data": data}

    @property
    def _metadata(self) -> Mapping[str, Any]:
        return cast("Mapping[str, Any]", self.body.get("metadata") or {})


class SecretStore:
    """The one Secret of that name. Methods raise `kube.errors.KubeError`."""

    def __init__(self, client: Writer, namespace: str, name: str) -> None:
        self._client = client
        self._path = path("v1", "secrets", namespace=namespace, name=name)

    async def read(self) -> Secret | None:
        """As it is now: a read that asks the majority of etcd, not somebody's cache."""
        try:
            return Secret(await self._client.get(self._path))
        except ApiError as error:
            if error.not_found:
                return None
            raise

    async def write(self, found: Secret, holdings: Holdings, *, settled: bool = False) -> None:
        """Put other content in place of `found`; ApiError 409 where that is no longer there."""
        await self._client.replace(self._path, found.holding(holdings, settled=settled))
