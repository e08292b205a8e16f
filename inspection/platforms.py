"""Which platforms of an image are asked for."""

import platform
from collections.abc import Collection, Iterable, Sequence

from registry.model import Platform, PlatformImage
from registry.platforms import normal

_LINUX = "linux"


def own() -> Platform:
    """What this machine's containers run on: its architecture, and Linux whatever the host is."""
    return normal(Platform(_LINUX, platform.machine()))


def parse(text: str) -> Platform:
    """The platform in `linux/arm64`, `linux/arm/v7` or `arm64`. Raises ValueError."""
    parts = text.strip().split("/")
    if len(parts) == 1:
        parts = [_LINUX, *parts]
    if len(parts) > 3 or not all(parts):  # noqa: PLR2004  # os, architecture, variant
        raise ValueError(
            f"{text!r} is not a platform: expected os/architecture, such as linux/arm64"
        )
    return normal(Platform(*parts))


def parse_all(texts: Iterable[str]) -> tuple[Platform, ...]:
    """Platforms in order, each once. Raises ValueError."""
    return tuple(dict.fromkeys(map(parse, texts)))


def for_linux(images: Sequence[PlatformImage]) -> tuple[PlatformImage, ...]:
    """Those for Linux, where there are any: pods on Windows nodes are left alone anyway."""
    return tuple(one for one in images if one.platform.os in {"", _LINUX}) or tuple(images)


def ordered(
    images: Sequence[PlatformImage], wanted: Collection[Platform]
) -> tuple[PlatformImage, ...]:
    """The images in the order in which they count: as wanted, then this machine's, then others."""
    places = [one.architecture for one in (*wanted, own())]
    return tuple(sorted(for_linux(images), key=lambda one: _place(one.platform, places)))


def _place(one: Platform, places: Sequence[str]) -> int:
    return places.index(one.architecture) if one.architecture in places else len(places)
