"""Single objects of a cluster, for who reads and writes some of them."""

from collections.abc import Sequence
from typing import Any, Protocol

from kube.client import Object


class Objects(Protocol):
    """What is asked of `kube.client.Client`, which says what each of them does and raises."""

    async def get(self, path: str, **query: str) -> dict[str, Any]:
        """An object."""
        ...

    async def create(self, path: str, body: Object, **query: str) -> dict[str, Any]:
        """A new object in the collection `path`."""
        ...

    async def replace(self, path: str, body: Object, **query: str) -> dict[str, Any]:
        """An object in place of the one of that resourceVersion."""
        ...

    async def apply(
        self, path: str, body: Object, *, manager: str = ..., force: bool = ..., **query: str
    ) -> dict[str, Any]:
        """Server-side apply."""
        ...

    async def patch(self, path: str, operations: Sequence[Object], **query: str) -> dict[str, Any]:
        """JSON patch."""
        ...

    async def delete(self, path: str, **query: str) -> dict[str, Any]:
        """Delete an object."""
        ...
