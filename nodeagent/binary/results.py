"""Where a function tests whether a call that it makes returned an error.

There the values that were returned are in their registers still, and a conditional jump follows,
which the kernel emulates: a probe costs a tenth of one at a return (see `sites`). Returns that are
passed only when there was no error need no probe then.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from capstone import CS_ARCH_X86, CS_MODE_64, Cs

from nodeagent.binary.functions import Function
from nodeagent.binary.program import GoProgram
from nodeagent.binary.sites import Site, SiteKind, return_sites

# The second and third value returned are an error: its first word is zero where there is none.
_TEST = ("test", "rbx, rbx")
_NO_ERROR = {"je": True, "jne": False}  # whether the jump is taken without an error
_ENDS = frozenset({"ret", "ud2", "int3"})


@dataclass(frozen=True, slots=True)
class ResultSites:
    """The jump that is taken, or not, by the error; and the returns that can be passed with one."""

    branch: Site
    returns: tuple[Site, ...]


@dataclass(frozen=True, slots=True)
class _Instruction:
    address: int
    size: int
    name: str
    operands: str

    @property
    def target(self) -> int | None:
        """Where a jump goes to; None where a register says."""
        return int(self.operands, 16) if self.operands.startswith("0x") else None


def result_sites(program: GoProgram, function: Function, callee: Function) -> ResultSites | None:
    """Where `function` tests what `callee` returned, a value and an error.

    None where that is not to be told with certainty, and on machines whose returns cost no more.
    Raises BinaryError as `return_sites` does.
    """
    if program.architecture != "amd64":
        return None
    returns = return_sites(program, function)
    listing = _listing(program, function)
    place = _branch(listing, callee)
    if place is None or any(_leaves_unknown(one) for one in listing):
        return None
    without = _only_without_error(listing, place)
    at = listing[place].address
    branch = Site(at, function.file_offset + at - function.address, SiteKind.BRANCH)
    return ResultSites(branch, tuple(one for one in returns if one.address not in without))


def _listing(program: GoProgram, function: Function) -> list[_Instruction]:
    machine = Cs(CS_ARCH_X86, CS_MODE_64)
    code = program.code(function)
    return [
        _Instruction(address, size, name, operands)
        for address, size, name, operands in machine.disasm_lite(code, function.address)
    ]


def _branch(listing: Sequence[_Instruction], callee: Function) -> int | None:
    """The place of the jump behind the one call: nothing but a test is between them."""
    calls = [
        place
        for place, one in enumerate(listing)
        if one.name == "call" and one.target == callee.address
    ]
    if len(calls) != 1:
        return None
    behind = (place for place in range(calls[0] + 1, len(listing)) if listing[place].name != "nop")
    test, jump = next(behind, None), next(behind, None)
    if test is None or jump is None or (listing[test].name, listing[test].operands) != _TEST:
        return None
    return jump if listing[jump].name in _NO_ERROR else None


def _leaves_unknown(one: _Instruction) -> bool:
    return one.name == "jmp" and one.target is None


def _only_without_error(listing: Sequence[_Instruction], branch: int) -> frozenset[int]:
    """Addresses of the returns that are passed by the way that is taken without an error alone."""
    jump = listing[branch]
    places = {one.address: place for place, one in enumerate(listing)}
    taken = _NO_ERROR[jump.name]
    begin = places.get(jump.target or 0) if taken else branch + 1
    if begin is None:
        return frozenset()
    followers = [_followers(listing, places, place) for place in range(len(listing))]
    right = _returns(listing, followers, begin)
    followers[branch].remove(begin)
    return right - _returns(listing, followers, 0)


def _followers(listing: Sequence[_Instruction], places: dict[int, int], place: int) -> list[int]:
    """The places that can follow this one; a jump out of the function has none."""
    one = listing[place]
    found: list[int] = []
    if one.name not in _ENDS and one.name != "jmp" and place + 1 < len(listing):
        found.append(place + 1)
    if one.name.startswith("j") and one.target in places:
        found.append(places[one.target])
    return found


def _returns(
    listing: Sequence[_Instruction], followers: Sequence[Sequence[int]], begin: int
) -> frozenset[int]:
    seen: set[int] = set()
    waiting = [begin]
    while waiting:
        place = waiting.pop()
        if place not in seen:
            seen.add(place)
            waiting += followers[place]
    return frozenset(listing[place].address for place in seen if listing[place].name == "ret")
