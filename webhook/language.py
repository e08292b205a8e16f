"""What a language is: a frozen value, one per file in `webhook.languages`.

A value names the agent's image, the variables that load the agent and how each is merged, the
oldest runtime and what a container must be able to spare. There is no code per language.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from webhook.model import Libc

MOUNT = "/spanhook"
FILES = "/autoinstrumentation"
"""Where an agent image keeps its files: the layout of upstream's images, so that theirs fit too."""


class Delivery(StrEnum):
    """How an agent reaches a container."""

    INIT_CONTAINER = "init-container"
    NODE_AGENT = "node-agent"


class Merge(StrEnum):
    """What happens to a variable that the container already has."""

    APPEND = "append"
    PREFIX = "prefix"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable that loads the agent. `musl` replaces `value` where the C library is musl.

    `text_is_harmless`: a reference that the kubelet cannot resolve stays as the text `$(NAME)`;
    True where such a text changes nothing (a directory that does not exist).
    """

    name: str
    value: str
    merge: Merge = Merge.KEEP
    separator: str = " "
    musl: str | None = None
    text_is_harmless: bool = False
    longest: int | None = None
    """Characters over which runtimes older than `longest_until` ignore the variable."""
    longest_until: tuple[int, ...] = ()

    def addition(self, libc: Libc | None) -> str:
        """The value to add for a C library."""
        return self.musl if self.musl is not None and libc == "musl" else self.value


@dataclass(frozen=True, slots=True)
class Language:
    """One language and its agent. Sizes are in MiB, measured on the agents that the images hold."""

    name: str
    title: str
    delivery: Delivery
    oldest: tuple[int, ...]
    """The oldest runtime version that the agent serves."""
    image: str = ""
    variables: tuple[Variable, ...] = ()
    agent_size: int = 0
    """What the agent's files take on disk."""
    minimum_memory: int = 0
    """The smallest memory limit with which a small application and its agent were seen to run."""
    needs_version: bool = False
    """Whether a container of unknown version is left alone."""
    needs_libc: bool = False
    """Whether the agent has to be told the C library beforehand."""
    needs_protocol: bool = False
    """Whether the agent lacks its SDK's default exporter and must be told `http/protobuf`."""
    start_seconds: int = 0
    """How much longer a start takes with the agent; what a probe has to allow."""

    agent: str = field(init=False)
    """The name of the language's init container and volume."""
    directory: str = field(init=False)
    """Where the agent is mounted."""

    def __post_init__(self) -> None:
        """Make the names once: every admission reads them."""
        object.__setattr__(self, "agent", f"spanhook-agent-{self.name}")
        object.__setattr__(self, "directory", f"{MOUNT}/{self.name}")

    @property
    def oldest_text(self) -> str:
        """The oldest version as a person writes it."""
        return ".".join(map(str, self.oldest))
