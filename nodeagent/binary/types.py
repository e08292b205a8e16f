"""A program's types by their import path and name, as `net/http.Request`."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice

from nodeagent.binary.descriptors import Descriptor, Descriptors, Kind
from nodeagent.binary.errors import BinaryError, Reason
from nodeagent.binary.memory import Memory
from nodeagent.binary.module import Module

_MOST = 1_000_000  # types, parts that wait among them; 150,000 in kube-apiserver
_VENDOR = "vendor/"


class Types:
    """The types that a program lists, and those that they are made of."""

    def __init__(self, memory: Memory, module: Module, descriptors: Descriptors) -> None:
        self._memory = memory
        self._module = module
        self._descriptors = descriptors
        self._found: dict[str, Descriptor | None] = {}

    def find(self, name: str) -> Descriptor | None:
        """The type of this name; a vendored copy where there is no other. Raises BinaryError."""
        if name not in self._found:
            self._found[name] = self._search(name)
        return self._found[name]

    def path(self, type_: Descriptor, fields: Sequence[str]) -> tuple[int, ...] | None:
        """The offsets on the way to a field of a field: one, and one more behind each pointer."""
        offsets = [0]
        for name in fields:
            if type_.kind is Kind.POINTER:
                type_ = self._descriptors.at(self._descriptors.element(type_) or 0)
                offsets.append(0)
            field = next((f for f in self._descriptors.fields(type_) if f.name == name), None)
            if field is None:
                return None
            offsets[-1] += field.offset
            type_ = self._descriptors.at(field.type)
        return tuple(offsets)

    def _search(self, name: str) -> Descriptor | None:
        if name.startswith("*"):
            return self._pointer(self.find(name[1:]))
        package, bare = _split(name)
        best: Descriptor | None = None
        for address in self._by_name.get(bare, ()):
            type_ = self._descriptors.at(address)
            own = self._descriptors.package(type_) if type_.named else ""
            if own == package:
                return type_
            if own.endswith("/" + _VENDOR + package) or own == _VENDOR + package:
                best = type_
        return best

    def _pointer(self, element: Descriptor | None) -> Descriptor | None:
        for address in self._by_name.get(f"*{element.name}", ()) if element else ():
            type_ = self._descriptors.at(address)
            if element and self._descriptors.element(type_) == element.address:
                return type_
        return None

    @cached_property
    def _by_name(self) -> Mapping[str, Sequence[int]]:
        """Addresses of types by what stands behind the package's name."""
        found: dict[str, list[int]] = defaultdict(list)
        for type_ in self._all():
            found[_bare(type_)].append(type_.address)
        return found

    def _all(self) -> Iterator[Descriptor]:
        """Every type that is listed, and those that are reached from these."""
        seen: set[int] = set()
        waiting = list(islice(self._listed(), _MOST))
        while waiting:
            address = waiting.pop()
            if address in seen:
                continue
            seen.add(address)
            try:
                type_ = self._descriptors.at(address)
                parts = self._descriptors.parts(type_)
            except BinaryError:  # one that is amiss is one that is not found
                continue
            yield type_
            waiting.extend(part for part in parts if part not in seen)
            if len(seen) + len(waiting) > _MOST:
                raise BinaryError(Reason.TOO_LARGE, f"more than {_MOST} types")

    def _listed(self) -> Iterator[int]:
        start = self._module.types.start
        for at in self._module.type_links:
            yield start + int.from_bytes(self._memory.read(at, 4), "little", signed=True)
        at = self._module.descriptors.start + 8  # the first word is left free (runtime/type.go)
        while at < self._module.descriptors.stop:
            yield at
            at += self._descriptors.length(self._descriptors.at(at))
            at += -at % 8


def _split(name: str) -> tuple[str, str]:
    """`net/http.Request` in its package and the rest; other than names of types have no package."""
    head, bracket, parameters = name.partition("[")
    package, dot, bare = head.rpartition(".")
    return (package, bare + bracket + parameters) if dot else ("", name)


def _bare(type_: Descriptor) -> str:
    return _split(type_.name)[1] if type_.named else type_.name
