"""What tracing needs of a machine, each thing by itself: whether it is there, and what to do."""

import platform
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from nodeagent.kernel.compiler import load
from nodeagent.kernel.errors import CompilerError, KernelError
from nodeagent.kernel.uprobes import PMU, attach_nowhere

_STATUS = Path("/proc/self/status")
PID_NAMESPACE = Path("/proc/self/ns/pid")
_INITIAL = 0xEFFFFFFC  # PROC_PID_INIT_INO in the kernel's include/linux/proc_ns.h

# Numbers of capabilities, from the kernel's linux/capability.h.
_DAC_READ_SEARCH, _SYS_PTRACE, _SYS_ADMIN, _PERFMON, _BPF = 2, 19, 21, 38, 39

# What BPF and PERFMON allow, SYS_ADMIN allowed before there were these.
_NEEDED: dict[str, tuple[int, ...]] = {
    "SYS_PTRACE": (_SYS_PTRACE,),
    "DAC_READ_SEARCH": (_DAC_READ_SEARCH,),
    "BPF": (_BPF, _SYS_ADMIN),
    "PERFMON": (_PERFMON, _SYS_ADMIN),
}

# What the extra `node-agent` installs.
_PACKAGES = ("capstone", "opentelemetry-sdk", "opentelemetry-exporter-otlp-proto-http")

_PROGRAM = """
#include <uapi/linux/ptrace.h>
int nothing(struct pt_regs *ctx) { return 0; }
"""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that tracing needs; `says` is what was found, or what lacks and what to do."""

    name: str
    passed: bool
    says: str


def checks() -> Iterator[Check]:
    """All of them, the cheap ones first."""
    yield machine(platform.machine())
    yield packages(_PACKAGES)
    yield uprobes(PMU)
    yield capabilities(_STATUS.read_text())
    yield processes(PID_NAMESPACE.stat().st_ino)
    yield programs()


def machine(name: str) -> Check:
    """Whether probes can be attached on this kind of machine."""
    if name == "x86_64":
        return Check("machine", passed=True, says=name)
    return Check("machine", passed=False, says=f"{name}: probes are attached on x86_64 only")


def packages(names: Iterable[str]) -> Check:
    """Whether these distributions of Python's are installed."""
    lacking = [name for name in names if not any(metadata.distributions(name=name))]
    if not lacking:
        return Check("packages", passed=True, says=", ".join(names))
    says = f"missing: {', '.join(lacking)}; install spanhook[node-agent]"
    return Check("packages", passed=False, says=says)


def uprobes(path: Path) -> Check:
    """Whether the kernel has uprobes."""
    if path.exists():
        return Check("uprobes", passed=True, says=platform.release())
    says = f"{path} is missing: a kernel with CONFIG_UPROBE_EVENTS is needed, 5.8 or later"
    return Check("uprobes", passed=False, says=says)


def capabilities(status: str) -> Check:
    """Whether we may do what we must, by the text of /proc/self/status."""
    line = next(line for line in status.splitlines() if line.startswith("CapEff:"))
    held = int(line.split()[1], 16)
    lacking = [name for name, any_of in _NEEDED.items() if not _holds(held, any_of)]
    if not lacking:
        return Check("capabilities", passed=True, says=", ".join(_NEEDED))
    return Check("capabilities", passed=False, says=f"missing: {', '.join(lacking)}; run as root")


def processes(inode: int) -> Check:
    """Whether we count processes as the kernel does, by the inode of our name space."""
    if inode == _INITIAL:
        return Check("processes", passed=True, says="the machine's own numbers")
    says = "in a name space of our own: in a pod hostPID: true is needed"
    return Check("processes", passed=False, says=says)


def programs(try_out: Callable[[], None] | None = None) -> Check:
    """Whether a program can be compiled, loaded and attached."""
    try:
        (try_out or _attach_nothing)()
    except (CompilerError, KernelError) as error:
        return Check("programs", passed=False, says=str(error))
    return Check("programs", passed=True, says="compiled, loaded and attached")


def _attach_nothing() -> None:
    loaded = load(_PROGRAM, ["nothing"], [])
    try:
        attach_nowhere(loaded.programs["nothing"])
    finally:
        loaded.close()


def _holds(held: int, any_of: tuple[int, ...]) -> bool:
    return any(held >> number & 1 for number in any_of)
