"""Probe sites: what instruction each one is at, compared with Go's own disassembler."""

import re
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, Self

import pytest

from nodeagent.binary.errors import BinaryError, Reason
from nodeagent.binary.functions import Function
from nodeagent.binary.program import GoProgram
from nodeagent.binary.sites import Site, SiteKind, entry_site, return_sites
from nodeagent.binary.source import Source
from tests.nodeagent.binary.builds import Case, disassembled
from tests.nodeagent.binary.conftest import required, shown

SERVE = "net/http.serverHandler.ServeHTTP"
ENTRIES = {  # functions with frames that are small, middling and huge
    "main.sum",
    "main.large",
    "main.huge",
    SERVE,
    "net/http.(*response).finishRequest",
    "net/http.(*Transport).roundTrip",
}
PUSH_RBP = b"\x55"
JBE = (b"\x76", b"\x0f\x86")
RET = b"\xc3"


def of(program: GoProgram, name: str) -> Function:
    """A function that has to be there."""
    function = program.function(name)
    assert function is not None
    return function


def at(program: GoProgram, function: Function, site: Site) -> bytes:
    """The instructions from a site on."""
    return program.code(function)[site.address - function.address :]


@pytest.mark.parametrize("name", sorted(ENTRIES))
def test_entry_is_behind_the_check_of_the_stack(case: Case, program: GoProgram, name: str) -> None:
    """It is at an instruction that the kernel emulates, the best that the compiler wrote."""
    function = of(program, name)

    site = entry_site(program, function)

    code = at(program, function, site)
    assert site.file_offset - function.file_offset == site.address - function.address > 0
    if program.architecture == "arm64":
        assert site.kind is SiteKind.BRANCH
        assert int.from_bytes(code[:4], "little") & 0xFF00001F == 0x54000009  # b.ls
    elif case.version == "1.19":  # it had no push: the frame pointer was stored by a move
        assert site.kind is SiteKind.BRANCH
        assert code.startswith(JBE)
    else:
        assert site.kind is SiteKind.PUSH
        assert code.startswith(PUSH_RBP)


def test_a_leaf_is_entered_at_its_first_instruction(program: GoProgram) -> None:
    """A function that needs no stack has no check of it."""
    leaf = of(program, "main.leaf")

    assert entry_site(program, leaf) == Site(leaf.address, leaf.file_offset, SiteKind.FIRST)


def test_every_return_is_found(program: GoProgram) -> None:
    """A return in the middle and one at the end; each site is at that instruction."""
    function = of(program, "main.sum")

    sites = return_sites(program, function)

    returns = RET if program.architecture == "amd64" else b"\xc0\x03\x5f\xd6"
    assert len(sites) == 2
    assert all(at(program, function, site).startswith(returns) for site in sites)


@pytest.mark.skipif(not required(), reason="the disassembler is built with SPANHOOK_REQUIRE_GO=1")
def test_sites_are_those_of_another_disassembler(
    unstripped: Path, program: GoProgram, request: pytest.FixtureRequest
) -> None:
    """For every function of a server: the same returns, and a push where there is one."""
    with shown(request) as say:
        text = disassembled(unstripped, r"^(main|net/http|database/sql)\.", say)
    expected = listing(text)
    found = program.functions(expected)

    sites = {name: Sites.of(program, function) for name, function in found.items()}

    assert len(sites) > 500
    assert sites == {name: expected[name] for name in found}


class Sites(NamedTuple):
    """Addresses of a function's returns, and of its push behind the check of the stack."""

    returns: tuple[int, ...]
    push: int | None

    @classmethod
    def of(cls, program: GoProgram, function: Function) -> Self:
        """Ours."""
        entry = entry_site(program, function)
        push = entry.address if entry.kind is SiteKind.PUSH else None
        return cls(tuple(site.address for site in return_sites(program, function)), push)


def listing(text: str) -> dict[str, Sites]:
    """What the other disassembler wrote, by function; of two of one name the first."""
    found: dict[str, Sites] = {}
    for part in text.split("TEXT ")[1:]:
        name, _, body = part.partition("(SB)")
        lines = re.findall(r"^  \S+\s+0x(\w+)\s+\w+\s+(.*?)\s*$", body, re.MULTILINE)
        returns = tuple(int(address, 16) for address, code in lines if code == "RET")
        push = next((n for n, (_, code) in enumerate(lines[:7]) if code == "PUSHQ BP"), None)
        checked = push == 0 or (push is not None and lines[push - 1][1].startswith("JBE"))
        found.setdefault(name, Sites(returns, int(lines[push or 0][0], 16) if checked else None))
    return found


class Coded(GoProgram):
    """A program with instructions of the test's own in place of every function's."""

    instructions = b""

    def code(self, function: Function, most: int | None = None) -> bytes:
        """Not the file's."""
        del function
        return self.instructions[:most]


@pytest.fixture(name="machine")
def fixture_machine(newest: Path) -> Coded:
    """A program whose functions' code tests make up."""
    return Coded(Source(newest))


FUNCTION = Function("main.made", 0x401000, 64, 0x1000)


@pytest.mark.parametrize(
    ("instructions", "expected"),
    [
        ("55 4889e5 c3", (0, "push")),  # no check: nosplit
        ("493b6610 7605 55 c3", (6, "push")),
        ("493b6610 0f8600010000 55 c3", (10, "push")),
        ("4c8d6424f8 4d3b6610 7605 55 c3", (11, "push")),
        ("493b6610 7605 4883ec18 55", (4, "branch")),  # not right behind the check
        ("493b6610 7605", (4, "branch")),
        ("493b6610 4889e5 7605 55", (0, "first")),  # amid the check something that is none of it
        ("4889e5 55", (0, "first")),
        ("c3", (0, "first")),
        ("", (0, "first")),
        ("06", (0, "first")),  # no instruction
    ],
    ids=str,
)
def test_entries_of_made_up_functions(
    machine: Coded, instructions: str, expected: tuple[int, str]
) -> None:
    """A push counts only first of all, or right behind the jump to where the stack grows."""
    machine.instructions = bytes.fromhex(instructions)

    site = entry_site(machine, FUNCTION)

    assert (site.address - FUNCTION.address, site.kind) == expected


@pytest.mark.parametrize(
    ("instructions", "expected"),
    [
        ("c3", (0,)),
        ("31c0 c3 cccccccc", (2,)),
        ("b8c3c3c3c3 c3 0000", (5,)),  # what looks like returns is a number
        ("0f0b", ()),
    ],
    ids=str,
)
def test_returns_of_made_up_functions(
    machine: Coded, instructions: str, expected: tuple[int, ...]
) -> None:
    """Bytes within other instructions are no returns, nor is what fills up."""
    machine.instructions = bytes.fromhex(instructions)

    sites = return_sites(machine, FUNCTION)

    assert tuple(site.address - FUNCTION.address for site in sites) == expected


@pytest.mark.parametrize("instructions", ["31c0 06 c3", "31c0 c3 0f", "b8c3"], ids=str)
def test_code_that_is_not_understood(machine: Coded, instructions: str) -> None:
    """No return is told where one instruction is not known: the next might be none either."""
    machine.instructions = bytes.fromhex(instructions)

    with pytest.raises(BinaryError, match=r"main\.made: no instruction at 0x40100") as caught:
        return_sites(machine, FUNCTION)

    assert caught.value.reason is Reason.CORRUPT


def test_a_function_of_megabytes_is_not_decoded(machine: Coded) -> None:
    """No function of a compiler's is that long."""
    with pytest.raises(BinaryError, match="takes 1048577 bytes") as caught:
        return_sites(machine, replace(FUNCTION, size=(1 << 20) + 1))

    assert caught.value.reason is Reason.TOO_LARGE
