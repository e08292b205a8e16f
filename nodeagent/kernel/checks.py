"""What tracing needs of a machine, each thing by itself: whether it is there, and what to do.

For what lacks it is said, too, what that costs: most of it costs tracing, and leaves the rest.
"""

import platform
import re
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from nodeagent.kernel import btf
from nodeagent.kernel.compiler import NO_COMPILER, PYTHONS, load
from nodeagent.kernel.errors import CompilerError, KernelError
from nodeagent.kernel.limits import lift_locked_memory
from nodeagent.kernel.uprobes import PMU, attach_nowhere

STATUS = Path("/proc/self/status")
PID_NAMESPACE = Path("/proc/self/ns/pid")
_INITIAL = 0xEFFFFFFC  # PROC_PID_INIT_INO in the kernel's include/linux/proc_ns.h

# Numbers of capabilities, from the kernel's linux/capability.h.
_DAC_READ_SEARCH, _SYS_PTRACE, _SYS_ADMIN, _PERFMON, _BPF = 2, 19, 21, 38, 39

# What BPF and PERFMON allow, SYS_ADMIN allowed before there were these.
_ATTACHING: Mapping[str, tuple[int, ...]] = {
    "BPF": (_BPF, _SYS_ADMIN),
    "PERFMON": (_PERFMON, _SYS_ADMIN),
}
_SEEING: Mapping[str, tuple[int, ...]] = {
    "SYS_PTRACE": (_SYS_PTRACE,),
    "DAC_READ_SEARCH": (_DAC_READ_SEARCH,),
}

# What the extra `node-agent` installs.
_PACKAGES = ("capstone", "opentelemetry-sdk", "opentelemetry-exporter-otlp-proto-http")

_OLDEST, _UNCOUNTED, _LINKS = (5, 8), (5, 11), (6, 6)
"""Linux with a ring buffer; that counts no map as locked memory; that attaches by links."""

_NO_TRACING = "no Go program is traced; in a cluster the agent still sees what containers run"
_NOTHING = "the node agent does not start"
_OWN_ONLY = (
    "processes of other users, and programs that only their owners may read, are neither traced"
    " nor seen"
)
_BLIND = "nothing is traced, and nothing seen but what runs in our own name space"
_NO_SK_MSG = "all is traced; passing traces on by sk-msg is closed"

_PROGRAM = """
#include <uapi/linux/ptrace.h>
int nothing(struct pt_regs *ctx) { return 0; }
"""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that tracing needs; `says` is what was found, or what lacks and what to do.

    `without` is what still works where it did not pass, and what does not. What is not `needed`
    costs no tracing.
    """

    name: str
    passed: bool
    says: str
    without: str = ""
    needed: bool = True

    @property
    def lacks(self) -> bool:
        """Whether it keeps tracing from working."""
        return self.needed and not self.passed


def checks() -> Iterator[Check]:
    """All of them, the cheap ones first."""
    release, status = platform.release(), STATUS.read_text()
    yield machine(platform.machine())
    yield kernel(release)
    yield packages(_PACKAGES)
    yield compiler(PYTHONS)
    yield uprobes(PMU)
    yield types(btf.KERNEL)
    yield may_attach(status, release)
    yield may_see(status)
    yield locked_memory(release)
    yield processes(PID_NAMESPACE.stat().st_ino)
    yield programs()


def machine(name: str) -> Check:
    """Whether probes can be attached on this kind of machine."""
    if name == "x86_64":
        return Check("machine", passed=True, says=name)
    return _no("machine", f"{name}: probes are attached on x86_64 only", _NO_TRACING)


def kernel(release: str) -> Check:
    """Whether Linux is new enough, by what uname says."""
    if _version(release) >= _OLDEST:
        return Check("kernel", passed=True, says=f"Linux {release}")
    return _no("kernel", f"Linux {release}: 5.8 or later is needed", _NO_TRACING)


def packages(names: Iterable[str]) -> Check:
    """Whether these distributions of Python's are installed."""
    lacking = [name for name in names if not any(metadata.distributions(name=name))]
    if not lacking:
        return Check("packages", passed=True, says=", ".join(names))
    says = f"missing: {', '.join(lacking)}; install spanhook[node-agent]"
    return _no("packages", says, _NOTHING)


def compiler(pythons: Sequence[str]) -> Check:
    """Whether one of these Pythons has bcc."""
    for python in dict.fromkeys(pythons):
        if _imports_bcc(python):
            return Check("bcc", passed=True, says=python)
    return _no("bcc", NO_COMPILER, _NO_TRACING)


def uprobes(path: Path) -> Check:
    """Whether the kernel has uprobes."""
    if path.exists():
        return Check("uprobes", passed=True, says="the kernel has them")
    says = f"{path} is missing: a kernel with CONFIG_UPROBE_EVENTS is needed"
    return _no("uprobes", says, _NO_TRACING)


def types(path: Path) -> Check:
    """Whether the kernel describes itself."""
    if path.exists():
        return Check("BTF", passed=True, says=str(path), needed=False)
    says = f"{path} is missing: a kernel with CONFIG_DEBUG_INFO_BTF has it"
    return Check("BTF", passed=False, says=says, without=_NO_SK_MSG, needed=False)


def may_attach(status: str, release: str = "") -> Check:
    """Whether we may attach programs, by the text of /proc/self/status and what uname says."""
    name, held = "capabilities to attach", _held(status)
    if lacking := _lacking(held, _ATTACHING):
        return _no(
            name, f"missing: {lacking}; run as root, or give them to the container", _NO_TRACING
        )
    says = ", ".join(_ATTACHING)
    if _version(release) < _LINKS and not _holds(held, (_SYS_ADMIN,)):
        says += "; no SYS_ADMIN, which most kernels before Linux 6.6 want for it, see programs"
    return Check(name, passed=True, says=says)


def may_see(status: str) -> Check:
    """Whether we may look at the processes and files of others, by the same text."""
    name = "capabilities to see"
    if lacking := _lacking(_held(status), _SEEING):
        return _no(
            name, f"missing: {lacking}; run as root, or give them to the container", _OWN_ONLY
        )
    return Check(name, passed=True, says=", ".join(_SEEING))


def locked_memory(release: str, lift: Callable[[], bool] = lift_locked_memory) -> Check:
    """Whether maps and programs find room; older kernels count them as locked memory."""
    name = "locked memory"
    if _version(release) >= _UNCOUNTED:
        return Check(name, passed=True, says="Linux 5.11 and later count no programs as such")
    if lift():
        return Check(name, passed=True, says="without limit")
    says = "limited, and Linux before 5.11 counts programs: give the container SYS_RESOURCE"
    return _no(name, says, _NO_TRACING)


def processes(inode: int) -> Check:
    """Whether we count processes as the kernel does, by the inode of our name space."""
    if inode == _INITIAL:
        return Check("processes", passed=True, says="the machine's own numbers")
    says = "in a name space of our own: in a pod hostPID: true is needed"
    return _no("processes", says, _BLIND)


def programs(try_out: Callable[[], str] | None = None) -> Check:
    """Whether a program can be compiled, loaded and attached."""
    try:
        attached = (try_out or _attach_nothing)()
    except (CompilerError, KernelError) as error:
        return _no("programs", "; ".join(str(error).split("\n")), _NO_TRACING)
    return Check("programs", passed=True, says=f"compiled, loaded and attached {attached}")


def _no(name: str, says: str, without: str) -> Check:
    return Check(name, passed=False, says=says, without=without)


def _version(release: str) -> tuple[int, int]:
    """Of `6.1.0-50-cloud-amd64` the 6 and the 1; where there are no numbers a new one."""
    found = re.match(r"(\d+)\.(\d+)", release)
    return (int(found[1]), int(found[2])) if found else (99, 0)


def _imports_bcc(python: str) -> bool:
    try:
        done = subprocess.run(  # noqa: S603 - the interpreters that compile
            [python, "-I", "-c", "import bcc"], capture_output=True, check=False
        )
    except OSError:
        return False
    return done.returncode == 0


def _attach_nothing() -> str:
    loaded = load(_PROGRAM, ["nothing"], [])
    try:
        return attach_nowhere(loaded.programs["nothing"])
    finally:
        loaded.close()


def _held(status: str) -> int:
    line = next(line for line in status.splitlines() if line.startswith("CapEff:"))
    return int(line.split()[1], 16)


def _lacking(held: int, needed: Mapping[str, tuple[int, ...]]) -> str:
    return ", ".join(name for name, any_of in needed.items() if not _holds(held, any_of))


def _holds(held: int, any_of: tuple[int, ...]) -> bool:
    return any(held >> number & 1 for number in any_of)
