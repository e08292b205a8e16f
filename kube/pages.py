"""A whole collection, read page by page."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from kube.errors import ApiError, Oversized, Unreadable

T = TypeVar("T")
R = TypeVar("R")

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


class Page(msgspec.Struct, Generic[T]):
    """A part of a list."""

    metadata: _Metadata
    items: list[T] | None = None  # Go's empty list may be null

    @property
    def objects(self) -> list[T]:
        """What is in it."""
        return self.items or []


async def pages(
    client: Reader, path: str, type_: type[T], query: Mapping[str, str], first: int = _FIRST
) -> AsyncGenerator[Page[T], None]:
    """The collection at `path` in pages of about the same size in bytes; `first`: objects of one.

    Raises ApiError and Unreachable; ApiError.gone where it has to be begun anew: `begun_anew`.
    """
    alias: Any = Page[type_]  # type: ignore[valid-type]  # msgspec reads it at run time
    decode: Callable[[bytes], Page[T]] = decoder(alias)
    limit, place = first, dict[str, str]()
    while True:
        asked = {**query, **place, "limit": str(max(limit, 1))}
        try:
            if limit > 1:
                body = await client.read_at_most(_MOST_BYTES, path, **asked)
            else:  # one object alone is as large as it is
                body = await client.read(path, **asked)
        except Oversized:
            limit //= 4
            continue
        page = decode(body)
        yield page
        if not page.metadata.continue_:
            return
        place = {"continue": page.metadata.continue_}
        limit = fitting(len(page.objects), len(body))


async def begun_anew(read: Callable[[], Awaitable[R]]) -> R:
    """What `read` gives; called again where the list was forgotten before its last page (410).

    Raises what `read` raises, the 410 too when it goes on.
    """
    for _ in range(_TRIES - 1):
        try:
            return await read()
        except ApiError as error:
            if not error.gone:
                raise
    return await read()


async def collection(
    client: Reader,
    path: str,
    type_: type[T],
    query: Mapping[str, str],
    heard: Callable[[], None],
) -> tuple[list[T], str]:
    """All objects as of one moment, and its resourceVersion; `heard` is called for each page.

    Raises ApiError and Unreachable.
    """

    async def read() -> tuple[list[T], str]:
        objects: list[T] = []
        version = ""
        async for page in pages(client, path, type_, query):
            heard()
            objects += page.objects
            version = page.metadata.resource_version
        return objects, version

    return await begun_anew(read)


def fitting(objects: int, size: int) -> int:
    """The limit for the next page after one of `objects` that took `size` bytes."""
    if not objects:
        return LIMIT  # a selector may leave nothing of a page
    return max(1, min(LIMIT, _PAGE_BYTES * objects // size))
