"""What a probe is made of."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from struct import Struct
from typing import Any

from nodeagent.probes.record import Record


@dataclass(frozen=True, slots=True)
class Hook:
    """Functions of the traced program, and the BPF program that runs at their entry or returns.

    `symbols` are one function's names in versions of Go or of its package: each that is there is
    probed. Without any of a required hook's its probe stays off for the binary. Returns cost ten
    times as much as entries (two traps each): only where what is returned has to be seen. Where the
    binary has the function `unless` they are left alone.

    With `tests`, the name of a function that they call, the program runs instead where they test
    whether that one returned an error; at returns, only at those that are passed with one.
    """

    symbols: tuple[str, ...]
    program: str
    required: bool = True
    at_returns: bool = False
    tests: str = ""
    unless: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """A place in a struct of the traced program, by the name that the BPF programs use.

    `types` are the struct's names in versions of Go or of its package: the first that is there.
    Without a required field its probe stays off for the binary, and where it lies at or behind
    `before`: the programs read so many bytes of the struct. `earlier` is the field's former name.
    """

    name: str
    types: tuple[str, ...]
    field: str
    required: bool = True
    before: int = 0xFFFFFFFF
    earlier: str = ""


@dataclass(frozen=True, slots=True)
class Descriptor:
    """Where a type is described: how far behind the first type of the program.

    An interface says of what type its value is by the address of a descriptor; with one that is
    known the programs find the names of all (types.bpf.h).
    """

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Probe:
    """One kind of call that becomes spans.

    `facts` is the layout of what its records have besides the head and texts (records.bpf.h), at
    most 16 bytes; `read` makes a value, which has the record's head as its `head`, of the parts.
    `headers` is the map type whose slots the programs search, where they do. `parts` are texts of C
    in front of its own.
    """

    name: str
    source: str
    hooks: tuple[Hook, ...]
    fields: tuple[Field, ...]
    facts: Struct
    read: Callable[[Record], Any]
    headers: str = ""
    parts: tuple[str, ...] = ()
    descriptors: tuple[Descriptor, ...] = ()

    @property
    def text(self) -> str:
        """The C text of its programs."""
        folder = Path(__file__).parent
        return "\n".join((folder / name).read_text() for name in (*self.parts, self.source))

    @property
    def constant(self) -> str:
        """The name of its number in the C text."""
        return self.source.split(".")[0].upper()
