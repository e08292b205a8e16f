from pathlib import Path

import pytest

from nodeagent.kernel.checks import (
    capabilities,
    checks,
    machine,
    packages,
    processes,
    programs,
    uprobes,
)
from nodeagent.kernel.errors import CompilerError, KernelError

_ALL = 0x1FFFFFFFFFF
_BPF, _PERFMON, _SYS_ADMIN, _SYS_PTRACE = 1 << 39, 1 << 38, 1 << 21, 1 << 19


@pytest.mark.parametrize(
    ("held", "passed", "says"),
    [
        pytest.param(_ALL, True, "BPF", id="root"),
        pytest.param(_ALL & ~_BPF & ~_PERFMON, True, "BPF", id="older-kernel"),
        pytest.param(_ALL & ~_SYS_ADMIN, True, "BPF", id="least"),
        pytest.param(_ALL & ~_SYS_ADMIN & ~_BPF, False, "missing: BPF;", id="no-bpf"),
        pytest.param(_ALL & ~_SYS_PTRACE, False, "missing: SYS_PTRACE;", id="no-ptrace"),
        pytest.param(0, False, "missing: SYS_PTRACE, DAC_READ_SEARCH, BPF, PERFMON;", id="nobody"),
    ],
)
def test_capabilities(held: int, passed: bool, says: str) -> None:
    """BPF and PERFMON, or SYS_ADMIN for both; the others as they are."""
    check = capabilities(f"Name:\tx\nCapPrm:\t{0:016x}\nCapEff:\t{held:016x}\nCapBnd:\t0\n")

    assert check.passed is passed
    assert says in check.says


def test_machines() -> None:
    """Probes are attached on one kind only, so far."""
    assert machine("x86_64").passed
    assert not machine("aarch64").passed


def test_packages() -> None:
    """What is not installed is named, with the extra that brings it."""
    assert packages(("capstone",)).passed
    check = packages(("capstone", "no-such-package"))

    assert not check.passed
    assert check.says == "missing: no-such-package; install spanhook[node-agent]"


def test_uprobes(tmp_path: Path) -> None:
    """The kernel says that it has them by a file."""
    assert uprobes(tmp_path).passed
    assert "CONFIG_UPROBE_EVENTS" in uprobes(tmp_path / "type").says


def test_name_spaces_of_processes() -> None:
    """The initial one has a fixed number."""
    assert processes(0xEFFFFFFC).passed
    assert "hostPID" in processes(4026532345).says


@pytest.mark.parametrize("error", [CompilerError("bcc is missing"), KernelError("refused")])
def test_programs_that_do_not_load(error: Exception) -> None:
    """What was said when it was tried is what the check says."""

    def fails() -> None:
        raise error

    check = programs(fails)

    assert not check.passed
    assert check.says == str(error)


def test_every_check_has_a_name_and_a_sentence() -> None:
    """On whatever machine this is."""
    results = list(checks())

    assert [check.name for check in results] == [
        *("machine", "packages", "uprobes", "capabilities", "processes", "programs")
    ]
    assert all(check.says for check in results)
