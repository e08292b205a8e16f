"""Where errors are tested, compared with what the code is, and with code that is not like that."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from nodeagent.binary.functions import Function
from nodeagent.binary.program import GoProgram
from nodeagent.binary.results import result_sites
from nodeagent.binary.sites import SiteKind, return_sites

SEND, TRY = "net/http.(*Transport).roundTrip", "net/http.(*persistConn).roundTrip"

_CALL = b"\xe8\xfb\x0f\x00\x00"  # call 0x2000, at 0x1000
_TEST = b"\x48\x85\xdb"  # test rbx, rbx
_JE = b"\x74\x01"  # over one byte
_JNE = b"\x75\x01"
_RET = b"\xc3"
_NOP = b"\x0f\x1f\x44\x00\x00"
_FUNCTION = Function("main.send", 0x1000, 0, 0x400)
_CALLEE = Function("main.try", 0x2000, 16, 0x1400)


class _Program(GoProgram):
    """One function's code."""

    def __init__(self, code: bytes) -> None:
        self.architecture = "amd64"
        self._code = code

    def code(self, function: Function, most: int | None = None) -> bytes:
        assert function.name == _FUNCTION.name
        return self._code if most is None else self._code[:most]


def _found(*code: bytes) -> tuple[int, list[int]] | None:
    """The jump, and the returns that are passed with an error, from the function's begin."""
    text = b"".join(code)
    found = result_sites(_Program(text), replace(_FUNCTION, size=len(text)), _CALLEE)
    if found is None:
        return None
    assert found.branch.kind is SiteKind.BRANCH
    assert found.branch.file_offset - 0x400 == found.branch.address - 0x1000
    return found.branch.address - 0x1000, [one.address - 0x1000 for one in found.returns]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        pytest.param((_CALL, _TEST, _JE, _RET, _RET), (8, [10]), id="taken-without-an-error"),
        pytest.param((_CALL, _TEST, _JNE, _RET, _RET), (8, [11]), id="taken-with-an-error"),
        pytest.param((_CALL, _NOP, _TEST, _JE, _RET, _RET), (13, [15]), id="filled-up"),
        pytest.param((_CALL, _TEST, _JE, b"\x90", _RET), (8, [11]), id="one-return-for-both"),
        pytest.param((_CALL, _TEST, _JE, _RET, _RET, _RET), (8, [10, 12]), id="one-not-reached"),
        pytest.param((_CALL, _TEST, b"\x74\x7f", _RET, _RET), (8, [10, 11]), id="jumps-away"),
        pytest.param((_CALL, _TEST, _JE, _RET, b"\xeb\xfd"), (8, [10]), id="meets-again"),
    ],
)
def test_the_jump_behind_the_call_is_found(
    code: tuple[bytes, ...], expected: tuple[int, list[int]]
) -> None:
    """And every return but those that are passed without an error alone."""
    assert _found(*code) == expected


@pytest.mark.parametrize(
    "code",
    [
        pytest.param((_NOP, _TEST, _JE, _RET, _RET), id="no-call"),
        pytest.param((_CALL, _TEST, _RET), id="no-jump"),
        pytest.param((_CALL, _JE, _RET, _RET), id="no-test"),
        pytest.param((_CALL,), id="nothing"),
        pytest.param((_CALL, b"\x48\x89\xd8", _TEST, _JE, _RET, _RET), id="moved-before"),
        pytest.param((_CALL, b"\x48\x85\xc0", _JE, _RET, _RET), id="another-value"),
        pytest.param((_CALL, _TEST, b"\x7f\x01", _RET, _RET), id="another-jump"),
        pytest.param((_CALL, _TEST, _JE, _RET, b"\xff\xe0", _RET), id="jumps-by-a-table"),
        pytest.param((_CALL, _TEST, _JE, _RET, _RET, b"\xe8\xef\x0f\x00\x00"), id="calls-twice"),
    ],
)
def test_what_is_not_certain_is_left_alone(code: tuple[bytes, ...]) -> None:
    """Values that may be elsewhere by then, or ways that are not known."""
    assert _found(*code) is None


def test_clients_of_every_version_have_it(program: GoProgram) -> None:
    """Go's compilers have written it so: one return is passed without an error alone."""
    functions: Mapping[str, Function] = program.functions((SEND, TRY))

    found = result_sites(program, functions[SEND], functions[TRY])

    if program.architecture != "amd64":
        assert found is None
        return
    assert found is not None
    [without] = set(return_sites(program, functions[SEND])) - set(found.returns)
    code = program.code(functions[SEND])
    at = found.branch.address - functions[SEND].address
    assert code[:at].endswith(_TEST)
    assert code[at:].startswith((b"\x0f\x84", b"\x0f\x85", b"\x74", b"\x75"))
    assert without.kind is SiteKind.RETURN
    assert result_sites(program, functions[TRY], functions[SEND]) is None
