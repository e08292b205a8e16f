"""Which images of an index are meant."""

from collections.abc import Collection, Iterable, Iterator

from registry.manifests import KINDS
from registry.model import Descriptor, Platform

# BuildKit attaches provenance and SBOMs as further manifests of the index.
_ATTACHED = "vnd.docker.reference.type"
_NOBODY = Platform("unknown", "unknown")

# As `uname -m` says it; builders that copy it there exist.
_ARCHITECTURES = {"x86_64": "amd64", "x86-64": "amd64", "aarch64": "arm64", "armhf": "arm"}
# The variant that is meant where none is said.
_USUAL = {"arm": "v7", "arm64": "v8", "amd64": "v1"}


def select(entries: Iterable[Descriptor], wanted: Collection[Platform]) -> list[Descriptor]:
    """Entries for the wanted platforms, for all where none is wanted; each platform once.

    Entries that say no platform are taken where nothing else fits: their configuration tells.
    """
    runnable = [entry for entry in entries if _is_image(entry)]
    fitting = [entry for entry in runnable if entry.platform and fits(entry.platform, wanted)]
    return list(_once(fitting)) or [entry for entry in runnable if entry.platform is None]


def fits(platform: Platform, wanted: Collection[Platform]) -> bool:
    """Whether the platform is one of those wanted; any is where none is."""
    return not wanted or any(_fits(normal(platform), normal(one)) for one in wanted)


def normal(platform: Platform) -> Platform:
    """The platform in the words of GOOS and GOARCH."""
    architecture = platform.architecture.lower()
    return Platform(
        platform.os.lower(),
        _ARCHITECTURES.get(architecture, architecture),
        platform.variant.lower(),
    )


def _fits(platform: Platform, wanted: Platform) -> bool:
    if (platform.os, platform.architecture) != (wanted.os, wanted.architecture):
        return False
    return not wanted.variant or wanted.variant == (
        platform.variant or _USUAL.get(platform.architecture)
    )


def _is_image(entry: Descriptor) -> bool:
    if entry.platform is not None and normal(entry.platform) == _NOBODY:
        return False
    if entry.artifact_type or _ATTACHED in (entry.annotations or {}):
        return False
    return not entry.media_type or entry.media_type in KINDS


def _once(entries: Iterable[Descriptor]) -> Iterator[Descriptor]:
    """One entry for each system and architecture: the usual variant's before others."""
    seen: set[tuple[str, str]] = set()
    for entry in sorted(entries, key=_rank):
        platform = normal(entry.platform or Platform())
        if (key := (platform.os, platform.architecture)) not in seen:
            seen.add(key)
            yield entry


def _rank(entry: Descriptor) -> int:
    platform = normal(entry.platform or Platform())
    usual = _USUAL.get(platform.architecture, "")
    order = ("", usual)
    return order.index(platform.variant) if platform.variant in order else len(order)
