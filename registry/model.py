"""Values that go in and come out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Protocol

from msgspec import Meta, Struct

from registry.spent import Spent

Object = Mapping[str, Any]


class Name(Protocol):
    """An image's name after a reference's grammar: default host and `library/` filled in."""

    @property
    def domain(self) -> str:
        """Host, with the port if it has one: `docker.io`, `registry.corp:5000`."""

    @property
    def path(self) -> str:
        """The repository in it: `library/python`."""

    @property
    def tag(self) -> str | None:
        """The tag asked for; None means `latest` where there is no digest either."""

    @property
    def digest(self) -> str | None:
        """The digest asked for. It counts, whatever the tag is."""


class Platform(Struct, frozen=True):
    """What an image runs on, in the words of GOOS and GOARCH; "" is unknown."""

    os: str = ""
    architecture: str = ""
    variant: str = ""

    def __str__(self) -> str:
        """`linux/arm/v7`."""
        return "/".join(part for part in (self.os, self.architecture, self.variant) if part)


class Descriptor(Struct, frozen=True, rename="camel"):
    """What points to content: its digest and size, as the manifest says them."""

    digest: str
    size: Annotated[int, Meta(ge=0)]
    media_type: str = ""
    platform: Platform | None = None
    annotations: dict[str, str] | None = None
    artifact_type: str | None = None


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a reference points to now. `digest` may be the one of an index."""

    digest: str
    media_type: str
    spent: Spent = field(default=Spent(), compare=False)


@dataclass(frozen=True, slots=True)
class PlatformImage:
    """One platform's image. `config` is the configuration document, unread; layers: base first."""

    platform: Platform
    digest: str
    config_digest: str
    config: Object
    annotations: Mapping[str, str]
    layers: tuple[Descriptor, ...]


@dataclass(frozen=True, slots=True)
class Description:
    """What a reference points to, and what is in it. `digest` may be the one of an index."""

    digest: str
    images: tuple[PlatformImage, ...]
    annotations: Mapping[str, str]
    """The index's own; empty where the reference points to one image."""
    spent: Spent = field(default=Spent(), compare=False)
