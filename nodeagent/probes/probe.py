"""What a probe is made of."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from struct import Struct
from typing import Any


@dataclass(frozen=True, slots=True)
class Hook:
    """A function of the traced program, and the BPF program that runs at its entry.

    Without a required function its probe stays off for the binary.
    """

    symbol: str
    program: str
    required: bool = True


@dataclass(frozen=True, slots=True)
class Field:
    """A place in a struct of the traced program, by the name that the BPF programs use.

    `types` are the struct's names in versions of Go or of its package: the first that is there.
    Without a required field its probe stays off for the binary, and where it lies at or behind
    `before`: the programs read so many bytes of the struct.
    """

    name: str
    types: tuple[str, ...]
    field: str
    required: bool = True
    before: int = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Probe:
    """One kind of call that becomes spans.

    `record` is the layout of what the programs hand over, `read` makes a value of its parts.
    `headers` is the map type whose slots the programs search, where they do.
    """

    name: str
    source: str
    hooks: tuple[Hook, ...]
    fields: tuple[Field, ...]
    record: Struct
    read: Callable[..., Any]
    headers: str = ""

    @property
    def text(self) -> str:
        """The C text of its programs."""
        return Path(__file__).with_name(self.source).read_text()

    @property
    def constant(self) -> str:
        """The name of its number in the C text."""
        return self.source.split(".")[0].upper()
