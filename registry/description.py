"""From a reference to what is in it: index, manifests of the wanted platforms, configurations."""

import asyncio
from collections.abc import Collection, Coroutine
from typing import Any, Final, TypeVar

from registry import repository
from registry.access import Access
from registry.call import Call
from registry.documents import decode
from registry.errors import PlatformMissing, RegistryError, TooLarge
from registry.manifests import Index, Manifest
from registry.model import Description, Descriptor, Name, Platform, PlatformImage, Resolved
from registry.platforms import fits, normal, select

T = TypeVar("T")
_LATEST: Final = "latest"


async def resolve(access: Access, name: Name, call: Call) -> Resolved:
    """What the tag or digest points to. Costs no pull where the registry knows HEAD."""
    reference = name.digest or name.tag or _LATEST
    head = await repository.head(access, reference, call)
    if head is not None and head.digest:
        return Resolved(head.digest, head.media_type)
    found = await repository.manifest(access, reference, call)
    return Resolved(found.digest, found.media_type)


async def describe(
    access: Access, name: Name, platforms: Collection[Platform], call: Call
) -> Description:
    """What is behind the tag or digest, for the platforms; for all where none is given."""
    reference = name.digest
    if reference is None:
        reference = name.tag or _LATEST
        head = await repository.head(access, reference, call)
        reference = head.digest if head is not None and head.digest else reference
    found = await repository.manifest(access, reference, call)
    digest, document = found.digest, found.document
    if isinstance(document, Manifest):
        image = await _image(access, _Leaf(Descriptor(digest, 0), document), call)
        return Description(digest, (image,), {})
    leaves = await _leaves(access, document, platforms, call)
    images = await _together(*(_image(access, leaf, call) for leaf in leaves))
    fitting = tuple(image for image in images if fits(image.platform, platforms))
    if not fitting:
        raise _missing(access, document, platforms)
    return Description(digest, fitting, document.annotations or {})


class _Leaf:
    """An image of an index."""

    def __init__(self, entry: Descriptor, manifest: Manifest) -> None:
        self.entry = entry
        self.manifest = manifest


async def _leaves(
    access: Access, index: Index, platforms: Collection[Platform], call: Call
) -> list[_Leaf]:
    """The manifests of the wanted platforms, through indexes in the index."""
    leaves: list[_Leaf] = []
    entries = select(index.manifests, platforms)
    for _ in range(access.limits.index_depth):
        if len(leaves) + len(entries) > access.limits.platforms:
            raise TooLarge(f"{access.place.name} has over {access.limits.platforms} images in one")
        documents = await _together(*(_document(access, entry, call) for entry in entries))
        inner: list[Descriptor] = []
        for entry, document in zip(entries, documents, strict=True):
            if isinstance(document, Index):
                inner += select(document.manifests, platforms)
            else:
                leaves.append(_Leaf(entry, document))
        entries = inner
    if entries:
        raise TooLarge(f"{access.place.name} nests indexes too deep")
    return leaves


async def _document(access: Access, entry: Descriptor, call: Call) -> Index | Manifest:
    return (await repository.manifest(access, entry.digest, call)).document


async def _image(access: Access, leaf: _Leaf, call: Call) -> PlatformImage:
    manifest = leaf.manifest
    limits = access.limits
    body = await repository.blob(access, manifest.config, limits.config_bytes, call)
    what = f"the configuration of {access.place.name}@{leaf.entry.digest}"
    config = decode(body, dict[str, Any], limits.json_values, what)
    annotations = (leaf.entry.annotations or {}) | (manifest.annotations or {})
    return PlatformImage(
        normal(leaf.entry.platform or _platform(config)),
        leaf.entry.digest,
        manifest.config.digest,
        config,
        annotations,
        tuple(manifest.layers),
    )


def _platform(config: dict[str, Any]) -> Platform:
    words = (config.get(key) for key in ("os", "architecture", "variant"))
    return Platform(*(word if isinstance(word, str) else "" for word in words))


def _missing(access: Access, index: Index, platforms: Collection[Platform]) -> PlatformMissing:
    found = dict.fromkeys(str(normal(e.platform)) for e in index.manifests if e.platform)
    has = ", ".join(sorted(found)) or "no image at all"
    wanted = " or ".join(sorted(map(str, platforms))) or "an image"
    return PlatformMissing(f"{access.place.name} has no {wanted}; it has {has}")


async def _together(*work: Coroutine[Any, Any, T]) -> list[T]:
    """All results in order. Raises the first fault; the others are ended."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one) for one in work]
    except ExceptionGroup as failures:
        faults, others = failures.split(RegistryError)
        if others is not None or faults is None:
            raise
        raise faults.exceptions[0] from None
    return [task.result() for task in tasks]
