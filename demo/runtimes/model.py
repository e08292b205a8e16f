"""What a language has to say, and what comes of it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from demo.cache import Cache
from demo.images import LocalImage

APPS = Path(__file__).parent.with_name("apps")


class UnavailableError(Exception):
    """Something that cannot be had on this machine; says what and why."""


@dataclass(frozen=True, slots=True)
class Workshop:
    """What a language works with: the cache, whom to tell what it is at, whose runtimes to take."""

    cache: Cache
    say: Callable[[str], None]
    own_runtimes: bool = False
    """Whether runtimes of this machine are passed over and fetched ones taken."""


@dataclass(frozen=True, slots=True)
class Runtime:
    """A runtime or tool chain: its name with its version, where it comes from, its programs."""

    title: str
    origin: str
    program: Path
    home: Path


@dataclass(frozen=True, slots=True)
class Prepared:
    """A service that can run here.

    `image` stands for the service's image, `agent` for the content of its agent's image (None for a
    language whose containers stay as they are, or whose agent is an image only).
    """

    runtime: Runtime
    image: LocalImage
    agent: Path | None = None


@dataclass(frozen=True, slots=True)
class Language:
    """A language of the shop: its name, its service, and how that is prepared.

    `prepare` raises UnavailableError or CommandError.
    """

    name: str
    service: str
    prepare: Callable[[Workshop], Prepared]
