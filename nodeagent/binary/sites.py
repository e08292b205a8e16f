"""Where in a function a probe goes: at its begin where that is cheap, at its returns.

Most instructions under a uprobe are executed out of line, single-stepped: two traps. A few the
kernel emulates, which takes one: `push` and conditional jumps on amd64 (arch/x86/kernel/uprobes.c),
`b.cond` on arm64 (arch/arm64/kernel/probes). Go's functions begin with a check of the stack's size,
in registers that hold no argument, then a jump to where it grows, then `push rbp`: there the
arguments are still in place, and a function that begins anew on a larger stack is seen once.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from capstone import CS_ARCH_ARM64, CS_ARCH_X86, CS_MODE_64, CS_MODE_ARM, Cs

from nodeagent.binary.errors import BinaryError, Reason
from nodeagent.binary.functions import Function
from nodeagent.binary.program import GoProgram

_MACHINES = {"amd64": (CS_ARCH_X86, CS_MODE_64), "arm64": (CS_ARCH_ARM64, CS_MODE_ARM)}
_BEGIN = 64  # bytes that the longest check of the stack's size fits in
_LONGEST = 1 << 20
_FILLING = b"\xcc\0"
_ARM64_RETURN = 0xD65F03C0

# The check as cmd/internal/obj/{x86/obj6,arm64/obj7}.go (`stacksplit`) writes it, for small, large
# and huge frames; the last jump goes where the stack grows.
_CHECKS = {
    "amd64": re.compile(
        r"lea r12, \[rsp - \w+\]|mov r12, rsp|sub r12, \w+|jb \w+"
        r"|cmp (?:rsp|r12), qword ptr \[r14 \+ 0x10\]"
    ),
    "arm64": re.compile(
        r"ldr x16, \[x28, #0x10\]|movk? x27, #\w+(?:, lsl #\w+)?|b\.lo #\w+"
        r"|subs? x17, sp, #?\w+(?:, lsl #\w+)?|cmp (?:sp|x17), x16"
    ),
}
_GROW = {"amd64": re.compile(r"jbe \w+"), "arm64": re.compile(r"b\.ls #\w+")}
_PUSH = "push rbp"


class SiteKind(StrEnum):
    """What instruction a probe is at, which is to say what it costs."""

    PUSH = "push"
    """Emulated, and passed once in a call."""
    BRANCH = "branch"
    """Emulated; passed again when the stack has grown."""
    FIRST = "first"
    """Single-stepped: the function's first instruction."""
    RETURN = "return"
    """Single-stepped on amd64, emulated on arm64."""


@dataclass(frozen=True, slots=True)
class Site:
    """A place for a probe: its address as the linker gave it, and where that is in the file."""

    address: int
    file_offset: int
    kind: SiteKind


def entry_site(program: GoProgram, function: Function) -> Site:
    """The cheapest place where a function's arguments are in their registers.

    On amd64 the stack is not that of the call yet: arguments on the stack are where they are at the
    function's first instruction.
    """
    grow: int | None = None
    for address, text in _begin(program, function):
        if text == _PUSH and (grow is not None or address == function.address):
            return _site(function, address, SiteKind.PUSH)
        if grow is not None:
            break
        if _GROW[program.architecture].fullmatch(text):
            grow = address
        elif not _CHECKS[program.architecture].fullmatch(text):
            break
    if grow is not None:
        return _site(function, grow, SiteKind.BRANCH)
    return _site(function, function.address, SiteKind.FIRST)


def return_sites(program: GoProgram, function: Function) -> tuple[Site, ...]:
    """All places where a function returns.

    Raises BinaryError where its code cannot be told with certainty: a probe amid an instruction
    would end the program.
    """
    if function.size > _LONGEST:
        raise BinaryError(Reason.TOO_LARGE, f"{function.name} takes {function.size} bytes")
    found = _arm64_returns if program.architecture == "arm64" else _amd64_returns
    addresses = found(function, program.code(function))
    return tuple(_site(function, address, SiteKind.RETURN) for address in addresses)


def _begin(program: GoProgram, function: Function) -> Iterator[tuple[int, str]]:
    """Address and text of a function's first instructions."""
    code = program.code(function, _BEGIN)
    machine = Cs(*_MACHINES[program.architecture])
    for address, _, name, operands in machine.disasm_lite(code, function.address):
        yield address, f"{name} {operands}"


def _amd64_returns(function: Function, code: bytes) -> Iterator[int]:
    """Instructions one by one, each where the one before it ends: there is no data amid code."""
    behind = 0
    returns: list[int] = []
    machine = Cs(*_MACHINES["amd64"])
    for address, size, name, _ in machine.disasm_lite(code, function.address):
        behind = address - function.address + size
        if name == "ret":
            returns.append(address)
    if code[behind:].strip(_FILLING):
        place = function.address + behind
        raise BinaryError(Reason.CORRUPT, f"{function.name}: no instruction at {place:#x}")
    return iter(returns)


def _arm64_returns(function: Function, code: bytes) -> Iterator[int]:
    """Every instruction takes four bytes: nothing needs decoding to tell which they are."""
    words = memoryview(code[: len(code) // 4 * 4]).cast("I")
    return (function.address + 4 * n for n, word in enumerate(words) if word == _ARM64_RETURN)


def _site(function: Function, address: int, kind: SiteKind) -> Site:
    return Site(address, function.file_offset + address - function.address, kind)
