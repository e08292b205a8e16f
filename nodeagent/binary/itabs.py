"""The tables that a program holds for pairs of interface and concrete type (abi.ITab)."""

from collections.abc import Iterator

from nodeagent.binary.memory import Memory
from nodeagent.binary.module import Module

_HEAD = 24  # interface, concrete type, hash
_METHODS_AT = 64  # the count of an interface's methods
_POINTER = 8


def find(memory: Memory, module: Module, interface: int, concrete: int) -> int | None:
    """The address of the table for two types' descriptors. Raises BinaryError."""
    pair = interface.to_bytes(_POINTER, "little") + concrete.to_bytes(_POINTER, "little")
    tables = _all(memory, module)
    return next((at for at in tables if memory.read(at, len(pair)) == pair), None)


def _all(memory: Memory, module: Module) -> Iterator[int]:
    yield from map(memory.word, module.itab_links)
    at = module.itabs.start
    while at in module.itabs:
        yield at
        at += _HEAD + _POINTER
        if memory.word(at - _POINTER):  # its first method; without one there is nothing behind
            at += _POINTER * (memory.word(memory.word(at - _HEAD - _POINTER) + _METHODS_AT) - 1)
