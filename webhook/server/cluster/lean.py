"""Images in as little memory as will do: ten thousand of them say much the same.

Equal strings, pieces of evidence, command lines and environments become one and the same object. At
most `_SHARED` of each are remembered for that; the rarest are not shared, and that is all.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType
from typing import TypeVar

from webhook.images.profile import Command, PlatformFacts, Profile
from webhook.model import EMPTY, Evidence, Image

T = TypeVar("T")
_SHARED = 4096


def lean(profile: Profile) -> Profile:
    """The same profile, of shared parts."""
    return replace(
        profile,
        platforms=tuple(_platform(one) for one in profile.platforms),
        commands=tuple(_command(one) for one in profile.commands),
    )


def _platform(one: PlatformFacts) -> PlatformFacts:
    image = one.image
    shared = Image(
        _words(image.entrypoint),
        _words(image.cmd),
        _environment(image.environment),
        EMPTY,
        _text(image.user),
        _text(image.architecture),
        _evidence(image.evidence),
        _text(image.working_directory),
        EMPTY,
        image.entry_known,
    )
    return PlatformFacts(_text(one.platform), one.digest, shared)


def _command(one: Command) -> Command:
    return replace(one, evidence=_evidence(one.evidence))


@lru_cache(_SHARED)
def _text(text: T) -> T:
    """The first that was equal."""
    return text


@lru_cache(_SHARED)
def _words(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(_text(word) for word in words)


@lru_cache(_SHARED)
def _piece(piece: Evidence) -> Evidence:
    return piece


@lru_cache(_SHARED)
def _evidence(found: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    return tuple(_piece(piece) for piece in found)


def _environment(environment: Mapping[str, str | None]) -> Mapping[str, str | None]:
    return _variables(tuple(environment.items())) if environment else EMPTY


@lru_cache(_SHARED)
def _variables(items: tuple[tuple[str, str | None], ...]) -> Mapping[str, str | None]:
    return MappingProxyType({_text(name): _text(value) for name, value in items})
