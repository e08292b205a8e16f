"""A whole collection, read page by page."""

from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from kube.errors import ApiError, Oversized, Unreadable

T = TypeVar("T", bound=msgspec.Struct)

LIMIT = 500
"""Objects of a page, as kubectl and client-go have it."""
_FIRST = 10
_PAGE_BYTES = 2 << 20
"""What a page is to take. A ConfigMap may have 1 MiB, and 500 of those would not fit into memory;
and while a page is decoded nobody else is served."""
_MOST_BYTES = 8 << 20
"""What a page may take before it is given up for a smaller one."""
_TRIES = 3
"""Lists that are begun before the last 410 is the caller's to deal with."""


class Reader(Protocol):
    """What is asked of `kube.client.Client`."""

    async def read(self, path: str, **query: str) -> bytes:
        """What GET answers."""
        ...

    async def read_at_most(self, most: int, path: str, **query: str) -> bytes:
        """The same; raises Oversized over `most` bytes."""
        ...


def decoder(type_: type[T]) -> Callable[[bytes | msgspec.Raw], T]:
    """Decodes JSON as `type_`; raises Unreadable for what an API server would not say."""
    decode = msgspec.json.Decoder(type_).decode

    def decoded(body: bytes | msgspec.Raw) -> T:
        try:
            return decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Unreadable(f"an answer cannot be read: {error}") from error

    return decoded


class _Metadata(msgspec.Struct, rename="camel"):
    resource_version: str = ""
    continue_: str = msgspec.field(default="", name="continue")


class _Page(msgspec.Struct, Generic[T]):
    metadata: _Metadata
    items: list[T] | None = None  # Go's empty list may be null


class Listing(Generic[T]):
    """Reads the collection at `path`; `heard` is called for each page."""

    def __init__(
        self,
        client: Reader,
        path: str,
        type_: type[T],
        query: dict[str, str],
        heard: Callable[[], None],
    ) -> None:
        self._client = client
        self._path = path
        self._query = query
        self._heard = heard
        page: Any = _Page[type_]  # type: ignore[valid-type]  # msgspec reads it at run time
        self._decode: Callable[[bytes], _Page[T]] = decoder(page)

    async def read(self) -> tuple[list[T], str]:
        """All objects as of one moment, and its resourceVersion.

        Raises ApiError and Unreachable.
        """
        for _ in range(_TRIES - 1):
            try:
                return await self._read()
            except ApiError as error:
                if not error.gone:
                    raise
                # The moment was forgotten before the last page.
        return await self._read()

    async def _read(self) -> tuple[list[T], str]:
        objects: list[T] = []
        limit, place = _FIRST, dict[str, str]()
        while True:
            try:
                page, limit = await self._page(limit, place)
            except Oversized:
                limit //= 4
                continue
            self._heard()
            objects += page.items or ()
            if not page.metadata.continue_:
                return objects, page.metadata.resource_version
            place = {"continue": page.metadata.continue_}

    async def _page(self, limit: int, place: dict[str, str]) -> tuple[_Page[T], int]:
        """A page of `limit` objects, and the limit for the next one. Raises Oversized."""
        query = {**self._query, **place, "limit": str(max(limit, 1))}
        if limit > 1:
            body = await self._client.read_at_most(_MOST_BYTES, self._path, **query)
        else:  # one object alone is as large as it is
            body = await self._client.read(self._path, **query)
        page = self._decode(body)
        return page, fitting(len(page.items or ()), len(body))


def fitting(objects: int, size: int) -> int:
    """The limit for the next page after one of `objects` that took `size` bytes."""
    if not objects:
        return LIMIT  # a selector may leave nothing of a page
    return max(1, min(LIMIT, _PAGE_BYTES * objects // size))
