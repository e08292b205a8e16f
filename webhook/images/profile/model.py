"""The value that an image's profile is."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from webhook.model import Evidence, Image, Libc

REVISION = 2
"""Of the code that tells facts from images: a profile of another one is learnt anew, and used
until then. It goes up when the same image would give other evidence."""

State = Literal["decided", "undecided", "budget", "failed"]
"""How the look at an image's layers ended: `budget` means that there was more to read."""

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128}")


@dataclass(frozen=True, slots=True)
class Reference:
    """A tag's canonical reference, and when it was last seen to point here (UTC)."""

    name: str
    resolved: datetime


@dataclass(frozen=True, slots=True)
class PlatformFacts:
    """What the image of one platform (`linux/amd64`) says; `digest` is its manifest's.

    `image` has no labels, and of its environment only what decisions read (`variables.kept`).
    """

    platform: str
    digest: str
    image: Image


@dataclass(frozen=True, slots=True)
class Command:
    """What the layers tell of one command line; `key` is its `command_key`.

    `agents` names other agents whose files are in the image. `message` says for a person why
    nothing is decided. Of state `budget` bytes (compressed) and seconds are what the look might
    have taken, and did not end within.
    """

    key: str
    evidence: tuple[Evidence, ...] = ()
    language: str | None = None
    version: str | None = None
    libc: Libc | None = None
    agents: tuple[str, ...] = ()
    state: State = "decided"
    message: str = ""
    budget_bytes: int = 0
    budget_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Learnt:
    """When (UTC) and by which version of Spanhook, and what it took."""

    at: datetime
    by: str
    requests: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of the image, or the index of images, that one digest names.

    `last_used` (UTC) is None until somebody looked whether a pod uses it. `lacking`: platforms that
    were asked for, and that it has not; its content never changes, so nobody asks again.
    """

    digest: str
    references: tuple[Reference, ...]
    platforms: tuple[PlatformFacts, ...]
    commands: tuple[Command, ...]
    learnt: Learnt
    revision: int = REVISION
    last_used: datetime | None = None
    lacking: tuple[str, ...] = ()


def name(digest: str) -> str:
    """The name of a digest's object: `sha256-<hex>`. Raises ValueError for what is no digest."""
    if not _DIGEST.fullmatch(digest):
        raise ValueError("digest: expected sha256:<64 hex digits>, or the like of SHA-384 or -512")
    return digest.replace(":", "-")
