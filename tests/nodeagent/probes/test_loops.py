"""Loops as kernels want them that are older than this machine's."""

import json
import mmap
import os
import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from struct import Struct

import pytest

from nodeagent.kernel.compiler import HEADERS, PYTHONS
from nodeagent.probes import PROBES
from nodeagent.probes.program import Limits, defines, functions, text
from nodeagent.propagation.attaching import constants
from nodeagent.propagation.way import WAYS, Way
from tests.nodeagent.machine import require_tracing

_CHILD = Path(__file__).with_name("instructions.py")

_INSTRUCTION = Struct("=BBhi")  # code, registers, offset, value
_CLASS, _JUMPS = 0x07, (0x05, 0x06)
_WIDE, _ALWAYS, _CALL, _EXIT = 0x18, 0x05, 0x85, 0x95


@pytest.mark.parametrize("way", [None, *WAYS], ids=lambda way: way.name if way else "none")
def test_loops_go_back_by_jumps(way: Way | None) -> None:
    """Anything else is refused as a back-edge by Linux 5.10 and 6.1.176."""
    programs = _compiled(way.name if way else "")

    assert len(programs) > len(PROBES)
    assert {name: found for name, code in programs.items() if (found := list(_fallen(code)))} == {}


def test_some_loops_are_not_unrolled() -> None:
    """Otherwise the test above would see nothing."""
    assert any(list(_back(code)) for code in _compiled("").values())


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ([(0xB7, 0), (0x07, 0), (0x15, -2), (_EXIT, 0)], []),  # back by a jump
        ([(_ALWAYS, 1), (0x07, 0), (0x15, -2), (_EXIT, 0)], [(1, 2)]),  # into its middle first
        ([(_ALWAYS, 1), (_CALL, 0), (0x15, -2), (_EXIT, 0)], [(1, 2)]),  # by a call
    ],
)
def test_a_loop_that_falls_back_is_found(
    code: list[tuple[int, int]], found: list[tuple[int, int]]
) -> None:
    """As the kernels see it: by following each branch from the begin."""
    assert list(_fallen(b"".join(_INSTRUCTION.pack(one, 0, to, 0) for one, to in code))) == found


def _fallen(code: bytes) -> Iterator[tuple[int, int]]:
    """Where a loop goes back to its begin without a jump."""
    return ((at, to) for at, to, jumps in _back(code) if not jumps)


def _back(code: bytes) -> Iterator[tuple[int, int, bool]]:
    """Where a loop goes back: from, to, by a jump. Depth first, as the kernel's check_cfg walks."""
    instructions = list(_INSTRUCTION.iter_unpack(code))
    walked, path = {0}, [(0, _next(instructions, 0))]
    on_path = {0}
    while path:
        at, targets = path[-1]
        for to, jumps in targets:
            if to in on_path:
                yield at, to, jumps
            elif to not in walked:
                walked.add(to)
                on_path.add(to)
                path.append((to, _next(instructions, to)))
                break
        else:
            on_path.discard(at)
            path.pop()


def _next(instructions: list[tuple[int, int, int, int]], at: int) -> Iterator[tuple[int, bool]]:
    """What may be executed next, and whether that is a jump to the kernel."""
    code, _, offset, _ = instructions[at]
    if code == _EXIT:
        return
    jumps = code & _CLASS in _JUMPS and code != _CALL
    if code != _ALWAYS:
        yield at + (2 if code == _WIDE else 1), jumps
    if jumps:
        yield at + 1 + offset, True


@cache
def _compiled(name: str) -> Mapping[str, bytes]:
    """The instructions of each program, traces being passed on this way."""
    require_tracing()
    way = next((way for way in WAYS if way.name == name), None)
    probes = (*PROBES, *way.probes) if way else PROBES
    values = defines(probes, Limits(), mmap.PAGESIZE) | (constants(way) if way else {})
    flags = [f"-D{one}={value}" for one, value in values.items()]
    names = [*functions(probes), *(way.programs if way else ())]
    asked = {
        "source": text(probes),
        "flags": [*flags, f"-DSPANHOOK_PAGE_SIZE={mmap.PAGESIZE}"],
        "programs": names,
    }
    said = ""
    for python in PYTHONS:
        done = subprocess.run(
            [python, "-I", _CHILD],
            input=json.dumps(asked),
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "BCC_KERNEL_SOURCE": str(HEADERS)},
        )
        if done.returncode == 0:
            return {one: bytes.fromhex(code) for one, code in json.loads(done.stdout).items()}
        said += done.stderr
    raise AssertionError(said)
