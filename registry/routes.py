"""Where an image is read: mirrors and rewritten names before, or instead of, its own registry."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from registry.model import Name

# Docker Hub's images are named for one host and served by another.
_SERVED_BY = {"docker.io": "registry-1.docker.io", "index.docker.io": "registry-1.docker.io"}
_HOST = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:]+\])(?::[0-9]+)?")
_PATH = re.compile(r"(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*")


@dataclass(frozen=True, slots=True)
class Place:
    """A repository on a registry."""

    domain: str
    path: str

    @property
    def host(self) -> str:
        """The host, with the port if it has one, that answers for the registry."""
        return _SERVED_BY.get(self.domain, self.domain)

    @property
    def name(self) -> str:
        """Registry and path, as credentials are looked up by them and errors name it."""
        return f"{self.domain}/{self.path}"


@dataclass(frozen=True, slots=True)
class Route:
    """Names that begin with `prefix` are read at `targets` instead, tried in order.

    Both are a host, or a host and a path: `docker.io`, `mirror.corp:5000/hub`. With `origin` the
    image's own registry comes last (a mirror); without it, it is never asked (a rewritten name).
    Raises ValueError for what is no host and path.
    """

    prefix: str
    targets: tuple[str, ...]
    origin: bool = True

    def __post_init__(self) -> None:
        for text in (self.prefix, *self.targets):
            host, slash, path = text.partition("/")
            if not _HOST.fullmatch(host) or not _PATH.fullmatch(slash + path):
                raise ValueError(f"{text!r} is not a registry's host, nor host and path")
        if not self.targets and not self.origin:
            raise ValueError(f"{self.prefix!r} is rewritten to nothing")


def places(name: Name, routes: Iterable[Route]) -> tuple[Place, ...]:
    """Where to read an image, in order: by the first route whose prefix the name has."""
    whole = f"{name.domain}/{name.path}"
    origin = Place(name.domain, name.path)
    for route in routes:
        rest = whole.removeprefix(route.prefix)
        if whole.startswith(route.prefix) and rest.startswith("/"):
            found = [_place(target + rest) for target in route.targets]
            return tuple(dict.fromkeys([*found, origin] if route.origin else found))
    return (origin,)


def _place(text: str) -> Place:
    domain, _, path = text.partition("/")
    return Place(domain, path)
