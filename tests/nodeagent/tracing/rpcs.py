"""A program that serves gRPC and calls itself, for the tests: one source, many versions."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from demo.cache import contents
from demo.commands import CommandError, run
from nodeagent.probes.grpc_client import MadeCall
from nodeagent.probes.grpc_server import ServedCall
from nodeagent.probes.http_server import ServedRequest
from nodeagent.tracing.process import Process
from nodeagent.tracing.tracer import Tracer
from tests.nodeagent.binary import builds
from tests.nodeagent.binary.builds import Case
from tests.nodeagent.binary.toolchains import NEWEST, UnavailableError, cache, go
from tests.waiting import until

_SOURCE = Path(__file__).with_name("programs") / "rpc"
_BARRIER = "Barrier"  # unknown to the server
_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Rpc:
    """A build; `grpc` is the version of google.golang.org/grpc, the newest where it is empty."""

    case: Case
    grpc: str = ""

    def __str__(self) -> str:
        return f"{self.grpc or 'newest'}-{self.case}"


CASES = (
    Rpc(Case(NEWEST, "pie")),
    Rpc(Case("1.25.5", "stripped")),
    Rpc(Case("1.25.5", "stripped"), "1.79.3"),  # what a stream embeds is within it since 1.77
    Rpc(Case("1.23.9", "stripped"), "1.71.1"),  # a stream of servers' own since 1.69
    Rpc(Case("1.24.11", "foreign"), "1.71.1"),
    Rpc(Case("1.19", "stripped"), "1.58.3"),
    Rpc(Case("1.26.6", "stripped"), "1.58.3"),
)
EVERYDAY = CASES[:1]
"""What is built in every run of the tests; the others where every version is required."""


def built(rpc: Rpc, say: Callable[[str], None]) -> Path:
    """The program's executable. Raises UnavailableError."""
    variant = builds.VARIANTS[rpc.case.variant]
    modules = _SOURCE / (f"grpc-{rpc.grpc}.mod" if rpc.grpc else "go.mod")

    def make(into: Path) -> None:
        say(f"building gRPC {rpc}: once, about {_SECONDS} s on two idle cores")
        go_ = go(rpc.case.version, say)
        command: list[str | Path] = [go_, "build", "-trimpath", f"-modfile={modules}"]
        settings = builds._settings(go_) | {"CGO_ENABLED": str(int(variant.cgo))}
        settings.pop("GOPROXY")  # modules come from where they do for whoever runs the tests
        run(
            [*command, *variant.options, "-o", into / "rpc", "."],
            cwd=_SOURCE,
            env=settings,
            seconds=900,
        )

    parts = (rpc.case.version, modules.name, variant.name, *variant.options, *contents(_SOURCE))
    try:
        return cache().folder(f"rpc-{rpc}", parts, make) / "rpc"
    except CommandError as error:
        raise UnavailableError(f"no program of gRPC {rpc}: {error}") from error


class Caller:
    """The running program, which is told what to call."""

    def __init__(self, process: subprocess.Popen[str], tracer: Tracer) -> None:
        assert process.stdout is not None
        self.pid = process.pid
        self.address = process.stdout.readline().strip()
        self._process = process
        self._tracer = tracer
        self._seen: list[object] = []

    def call(self, method: str, what: str, parent: str = "", *, to: str = "server") -> str:
        """Make a call, return the name of its status: see main.go."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{to} {method} {what} {parent or '-'}\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()

    def seen(self, served: int, made: int) -> tuple[list[ServedCall], list[MadeCall]]:
        """All calls so far, in the order of their begin; waits until there are as many.

        Then for those of one more call: whatever was seen twice is there too.
        """
        self.call(_BARRIER, "ok")
        until(lambda: self._complete(served, made), "the spans of all calls")
        calls = sorted(self._calls(), key=lambda one: one.head.start)
        return (
            [one for one in calls if isinstance(one, ServedCall)],
            [one for one in calls if isinstance(one, MadeCall)],
        )

    def requests(self) -> list[ServedRequest]:
        """The requests of HTTP that came beside."""
        return [one for one in self._seen if isinstance(one, ServedRequest)]

    def _complete(self, served: int, made: int) -> bool:
        self._seen += [event.value for event in self._tracer.events()]
        kinds = [type(one) for one in self._calls()]
        barriers = len(self._seen) - len(kinds) - len(self.requests())
        enough = kinds.count(ServedCall) >= served and kinds.count(MadeCall) >= made
        return enough and barriers >= 2

    def _calls(self) -> list[ServedCall | MadeCall]:
        calls = [one for one in self._seen if isinstance(one, ServedCall | MadeCall)]
        return [one for one in calls if not one.method.endswith(_BARRIER)]


@contextmanager
def calling(program: Path, tracer: Tracer) -> Iterator[Caller]:
    """The program while it runs, traced."""
    pipe = subprocess.PIPE
    with subprocess.Popen([program], stdin=pipe, stdout=pipe, text=True) as process:
        try:
            caller = Caller(process, tracer)
            binary = tracer.trace(Process(process.pid))
            assert not [name for name in binary.off if "grpc" in name]
            yield caller
        finally:
            tracer.forget(process.pid)
            process.kill()
