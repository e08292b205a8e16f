from pathlib import Path

import pytest

from nodeagent.kernel.checks import (
    checks,
    compiler,
    kernel,
    locked_memory,
    machine,
    may_attach,
    may_see,
    packages,
    processes,
    programs,
    types,
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
        pytest.param(0, False, "missing: BPF, PERFMON;", id="nobody"),
    ],
)
def test_capabilities_to_attach(held: int, passed: bool, says: str) -> None:
    """BPF and PERFMON, or SYS_ADMIN for both."""
    check = may_attach(_status(held))

    assert check.passed is passed
    assert says in check.says


def test_older_kernels_may_want_more() -> None:
    """It is said, and not decided: whether they do is seen when a probe is tried."""
    without = _status(_ALL & ~_SYS_ADMIN)

    assert may_attach(without, "6.1.0-50-cloud-amd64").passed
    assert "before Linux 6.6" in may_attach(without, "6.1.0-50-cloud-amd64").says
    assert "SYS_ADMIN" not in may_attach(without, "6.6.0").says
    assert "SYS_ADMIN" not in may_attach(_status(_ALL), "6.1.0").says


def test_capabilities_to_see() -> None:
    """Without them there are programs that are traced: our own."""
    assert may_see(_status(_ALL)).passed
    assert "missing: SYS_PTRACE;" in may_see(_status(_ALL & ~_SYS_PTRACE)).says
    assert "other users" in may_see(_status(_ALL & ~_SYS_PTRACE)).without


@pytest.mark.parametrize(
    ("release", "passed"),
    [("5.7.19", False), ("5.8", True), ("5.10.0-32", True), ("6.18.44-fc-v669", True), ("?", True)],
)
def test_kernels(release: str, passed: bool) -> None:
    """By uname; what says no number is not held against it."""
    assert kernel(release).passed is passed


@pytest.mark.parametrize(
    ("release", "lifted", "passed"),
    [("5.10.0-32", True, True), ("5.10.0-32", False, False), ("5.11.0", False, True)],
)
def test_locked_memory(release: str, lifted: bool, passed: bool) -> None:
    """Of older kernels the limit has to go; newer ones do not count programs."""
    check = locked_memory(release, lambda: lifted)

    assert check.passed is passed
    assert ("SYS_RESOURCE" in check.says) is not passed


def test_a_kernel_that_does_not_describe_itself(tmp_path: Path) -> None:
    """It can be traced on: only one way of passing traces on is closed."""
    check = types(tmp_path / "vmlinux")

    assert not check.passed
    assert not check.lacks
    assert "sk-msg" in check.without


def test_pythons_without_bcc() -> None:
    """It is said how to install it, for those that are there as for those that are not."""
    check = compiler(("/usr/bin/false", "/nonexistent/python3"))

    assert check.lacks
    assert "python3-bpfcc" in check.says


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


@pytest.mark.parametrize("error", [CompilerError("bpf: failed\nnot permitted"), KernelError("no")])
def test_programs_that_do_not_load(error: Exception) -> None:
    """What was said when it was tried is what the check says."""

    def fails() -> str:
        raise error

    check = programs(fails)

    assert not check.passed
    assert check.says == "; ".join(str(error).splitlines())


def test_every_check_has_a_name_and_a_sentence() -> None:
    """On whatever machine this is; and says what is lost where it does not pass."""
    results = list(checks())

    assert len({check.name for check in results}) == len(results)
    assert all(check.says for check in results)
    assert all(check.passed or check.without for check in results)


def _status(held: int) -> str:
    return f"Name:\tx\nCapPrm:\t{0:016x}\nCapEff:\t{held:016x}\nCapBnd:\t0\n"
