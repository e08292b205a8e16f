"""A program's functions by name. No symbol table is needed: a stripped program has them, too."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from nodeagent.binary.elf import Elf
from nodeagent.binary.pclntab import Table

_VENDOR = "vendor/"


@dataclass(frozen=True, slots=True)
class Function:
    """A function's code: `address` as the linker gave it, `size` with what fills it up (bytes)."""

    name: str
    address: int
    size: int
    file_offset: int


def functions(elf: Elf, table: Table, text: int, names: Collection[str]) -> Mapping[str, Function]:
    """Those of these functions that there are; a vendored copy where there is no other.

    `text` is where the program's code begins. Raises BinaryError.
    """
    wanted = dict(_spelled(table, names))
    found: dict[tuple[str, bool], Function] = {}
    for offset, begin, end in table.functions(wanted):
        place = elf.offset(text + begin)
        if place is not None and begin < end:
            # Of two of one name the second only calls the first, for callers in assembly.
            name, _ = key = wanted[offset]
            found.setdefault(key, Function(name, text + begin, end - begin, place))
    vendored_first = sorted(found, key=lambda key: key[1], reverse=True)
    return {key[0]: found[key] for key in vendored_first}


def _spelled(table: Table, names: Collection[str]) -> Iterator[tuple[int, tuple[str, bool]]]:
    """Where in the table of names these are, and whether that is the name of a vendored copy."""
    for name in names:
        for offset, before in table.name_offsets(name):
            if not before or f"/{before}".endswith(f"/{_VENDOR}"):
                yield offset, (name, bool(before))
