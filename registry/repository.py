"""What the pull side of OCI distribution reads from a repository, verified."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from registry import digests
from registry.access import Access
from registry.answer import Answer
from registry.call import Call
from registry.errors import Malformed, Reserved, TooLarge, UnexpectedStatus
from registry.manifests import ACCEPT, Index, Manifest, media_type, parse
from registry.model import Descriptor

_DIGEST: Final = "docker-content-digest"


@dataclass(frozen=True, slots=True)
class Head:
    """What a tag points to. `digest` is "" where the registry does not say it."""

    digest: str
    media_type: str


async def head(access: Access, reference: str, call: Call) -> Head | None:
    """Ask what a tag or digest is; None where the registry does not know HEAD. Costs no pull."""
    try:
        async with access.open("HEAD", f"manifests/{reference}", call, accept=ACCEPT) as answer:
            what = _named(access, reference)
            if (answer.length or 0) > access.limits.manifest_bytes:
                raise TooLarge(f"{what} has {answer.length} bytes")
            digest = answer.headers.get(_DIGEST, "")
            kind = media_type(answer.headers.get("content-type", ""))
            return Head(digests.checked(digest) if digest else "", kind)
    except UnexpectedStatus as error:
        if error.status == HTTPStatus.METHOD_NOT_ALLOWED:
            return None
        raise


@dataclass(frozen=True, slots=True)
class Found:
    """What was behind a tag or digest."""

    digest: str
    media_type: str
    document: Index | Manifest


async def manifest(access: Access, reference: str, call: Call) -> Found:
    """What is behind a tag or digest, verified.

    Raises Reserved where it would cost a pull out of the reserve.
    """
    await _spare(access, reference, call)
    what = _named(access, reference)
    async with access.open("GET", f"manifests/{reference}", call, accept=ACCEPT) as answer:
        body = await answer.body(access.limits.manifest_bytes, what)
        kind = answer.headers.get("content-type", "")
        told = answer.headers.get(_DIGEST, "")
    digest = reference if ":" in reference else told or digests.of(body)
    digests.verify(digest, body, what)
    return Found(digest, media_type(kind), parse(body, kind, access.limits, what))


async def blob(access: Access, descriptor: Descriptor, limit: int, call: Call) -> bytes:
    """A blob's content. Raises TooLarge where the descriptor says more than `limit` already."""
    what = _named(access, descriptor.digest)
    if descriptor.size > limit:
        raise TooLarge(f"{what} has {descriptor.size} bytes, more than {limit}")
    async with access.open("GET", f"blobs/{descriptor.digest}", call) as answer:
        body = await answer.body(limit, what)
    digests.verify(descriptor.digest, body, what)
    if len(body) != descriptor.size:
        raise Malformed(f"{what} has {len(body)} bytes, its manifest says {descriptor.size}")
    return body


@asynccontextmanager
async def stream(access: Access, descriptor: Descriptor, call: Call) -> AsyncIterator[Answer]:
    """A blob, to be read piece by piece; what is left unread at the end is not fetched."""
    path = f"blobs/{descriptor.digest}"
    async with access.open("GET", path, call, streams=True) as answer:
        yield answer


async def _spare(access: Access, reference: str, call: Call) -> None:
    """Leave the reserve alone. An old number is asked for again, by HEAD, which is free."""
    quota, is_background = access.quota, call.is_background
    if quota.is_low(is_background=is_background) and quota.is_stale(call.now):
        await head(access, reference, call)
    if wait := quota.wait_to_pull(call.now, is_background=is_background):
        if not quota.is_low():
            raise Reserved(f"{access.place.host} has few pulls left for the background", wait)
        raise Reserved(f"{access.place.host} has few pulls left, which are the nodes'", wait)


def _named(access: Access, reference: str) -> str:
    joint = "@" if ":" in reference else ":"
    return f"{access.place.name}{joint}{reference}"
