import os
import stat
import sys
from pathlib import Path

import pytest

from nodeagent.kernel.compiler import Loaded, load
from nodeagent.kernel.errors import CompilerError
from tests.nodeagent.machine import require_tracing

_NOTHING = """
#include <uapi/linux/ptrace.h>
int nothing(struct pt_regs *ctx) { return VALUE; }
"""


def _python(folder: Path, script: str) -> str:
    """A Python that is not one: it runs a script instead."""
    path = folder / "python"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_programs_and_maps_come_as_descriptors(loaded: Loaded) -> None:
    """Each by its name; the child that made them is gone."""
    assert set(loaded.programs) == {"on_call"}
    assert set(loaded.maps) == {"numbers", "calls", "records"}
    for descriptor in (*loaded.programs.values(), *loaded.maps.values()):
        assert "bpf" in str(Path(f"/proc/self/fd/{descriptor}").readlink())


def test_descriptors_are_closed() -> None:
    """What was loaded is let go."""
    require_tracing()
    loaded = load(_NOTHING, ["nothing"], [], defines={"VALUE": 0})
    loaded.close()

    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(loaded.programs["nothing"])


@pytest.mark.parametrize(
    ("source", "why"),
    [
        pytest.param("int nothing(", "error: expected parameter declarator", id="compiler"),
        pytest.param(_NOTHING, "undeclared identifier 'VALUE'", id="undefined"),
        pytest.param(
            _NOTHING.replace("VALUE", "*(int *)ctx->di"), "R[0-9] invalid mem access", id="kernel"
        ),
    ],
)
def test_a_bad_program_is_refused_with_the_reason(source: str, why: str) -> None:
    """What the compiler or the kernel said is in the error."""
    require_tracing()

    with pytest.raises(CompilerError, match=why):
        load(source, ["nothing"], [])


def test_a_python_without_bcc_is_passed_over(tmp_path: Path) -> None:
    """The next one is asked; when none has it, the error says what to install."""
    without = _python(tmp_path, "exit 3")

    with pytest.raises(CompilerError, match=r"bcc is missing: install .* python3-bpfcc"):
        load(_NOTHING, ["nothing"], [], pythons=[without, str(tmp_path / "absent")])


def test_a_compiler_that_breaks_off_is_an_error(tmp_path: Path) -> None:
    """What it wrote before it ended is passed on."""
    broken = _python(tmp_path, "echo out of memory >&2; exit 1")

    with pytest.raises(CompilerError, match=r"the compiler broke off\nout of memory"):
        load(_NOTHING, ["nothing"], [], pythons=[broken])


def test_the_child_says_that_it_has_no_bcc(tmp_path: Path) -> None:
    """A Python without bcc, and a real one: the child's own exit code is understood."""
    folder = tmp_path / "nothing"
    folder.mkdir()
    # -S: no site-packages, so no bcc, wherever it is installed
    without = _python(tmp_path, f'exec {sys.executable} -S "$@"')

    with pytest.raises(CompilerError, match="bcc is missing"):
        load(_NOTHING, ["nothing"], [], pythons=[without])


def test_a_program_may_be_refused() -> None:
    """What the kernel said of it is there beside those that it took; but not of all of them."""
    require_tracing()
    source = _NOTHING + "int wild(struct pt_regs *ctx) { return *(int *)ctx->di; }\n"

    loaded = load(source, ["nothing", "wild"], [], optional=["wild"], defines={"VALUE": 0})

    assert list(loaded.programs) == ["nothing"]
    assert "wild" in loaded.refused["wild"]
    loaded.close()
    with pytest.raises(CompilerError, match="invalid mem access"):
        load(source, ["nothing", "wild"], [], defines={"VALUE": 0})
    with pytest.raises(CompilerError, match="invalid mem access"):
        load(source, ["wild"], [], optional=["wild"], defines={"VALUE": 0})
