"""A Go program as a file: read once, asked many times."""

import hashlib
from collections.abc import Collection, Mapping
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

from nodeagent.binary import maps, pclntab
from nodeagent.binary.build import build, build_id
from nodeagent.binary.descriptors import Descriptors, Kind
from nodeagent.binary.elf import Elf
from nodeagent.binary.errors import BinaryError, NotGo, Reason
from nodeagent.binary.functions import Function, functions
from nodeagent.binary.maps import MapLayout
from nodeagent.binary.memory import Memory
from nodeagent.binary.module import Module, module
from nodeagent.binary.source import Source
from nodeagent.binary.types import Types

__all__ = ["BinaryError", "Function", "GoProgram", "MapLayout", "NotGo", "Reason", "read"]

_NEWEST = (99, 0)  # a toolchain without a number is one from development
_DIGESTED = 1 << 20


def read(file: BinaryIO | Path) -> "GoProgram":
    """The program in a file. Raises NotGo where it is none, BinaryError where it is broken."""
    return GoProgram(Source(file))


class GoProgram:
    """Functions, types and build of a program; questions raise BinaryError where it is broken.

    `version` is that of the toolchain (`1.26.6`), empty for one without a number; `module` and
    `path` are of the main package, `dependencies` versions by module. `build_id` is one and the
    same for files that are the same.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._elf = Elf(source)
        self._build = build(source, self._elf)
        self.architecture = self._elf.architecture
        self.is_pie = self._elf.is_pie
        self.version = self._build.version
        self.module = self._build.module
        self.path = self._build.path
        self.dependencies = self._build.dependencies
        self._memory = Memory(source, self._elf)
        self._table, self._module = self._tables()
        self.build_id = build_id(self._elf) or self._digest()

    def function(self, name: str) -> Function | None:
        """A function by its name as in stack traces: `net/http.(*Transport).roundTrip`."""
        return self.functions((name,)).get(name)

    def functions(self, names: Collection[str]) -> Mapping[str, Function]:
        """Those of these functions that the program has, vendored ones by the plain name."""
        return functions(self._elf, self._table, self._module.text, names)

    def code(self, function: Function, most: int | None = None) -> bytes:
        """The instructions of a function, up to `most` bytes of them."""
        size = function.size if most is None else min(function.size, most)
        return self._source.read(function.file_offset, size)

    def offset(self, type_: str, field: str) -> int | None:
        """Where a field of a struct type lies (bytes), `pat.str` where one is within the other.

        None where the type or the field is not there, or behind a pointer: see `offsets`.
        """
        path = self.offsets(type_, field)
        return path[0] if path is not None and len(path) == 1 else None

    def offsets(self, type_: str, field: str) -> tuple[int, ...] | None:
        """Like `offset`, with pointers on the way: each offset but the last is where to follow."""
        found = self._types.find(type_)
        return None if found is None else self._types.path(found, field.split("."))

    def type_place(self, type_: str) -> int | None:
        """How many bytes behind the first type's descriptor this type's lies."""
        found = self._types.find(type_)
        return None if found is None else found.address - self._module.types.start

    def map_layout(self, type_: str) -> MapLayout | None:
        """How keys and elements lie in a map: `map[string][]string` or a named type."""
        found = self._types.find(type_)
        if found is None or found.kind is not Kind.MAP:
            return None
        return maps.layout(self._memory, found.address, self._maps)

    @property
    def _number(self) -> tuple[int, int]:
        numbers = self.version.split(".")
        return (int(numbers[0]), int(numbers[1])) if len(numbers) > 1 else _NEWEST

    @cached_property
    def _maps(self) -> maps.Format:
        return maps.chosen(self._number, self._build.toolchain)

    @cached_property
    def _types(self) -> Types:
        descriptors = Descriptors(self._memory, self._module, self._maps.size)
        return Types(self._memory, self._module, descriptors)

    def _tables(self) -> tuple[pclntab.Table, Module]:
        failure = BinaryError(Reason.NO_FUNCTIONS, "no table of functions")
        for table in pclntab.tables(self._source, self._elf):
            try:
                return table, module(self._memory, self._elf, table, self._number)
            except BinaryError as error:
                failure = error
        raise failure

    def _digest(self) -> str:
        """Stands for the ID of a program that was built without: what it says of itself."""
        digest = hashlib.sha256(repr((self._source.size, self._build, self._module)).encode())
        digest.update(self._source.upto(0, _DIGESTED))
        return digest.hexdigest()
