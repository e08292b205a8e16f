"""What probes cost the server: the same server in several files, each probed in another way.

They run all the time and are loaded in turns: nothing is attached or taken out between rounds.
"""

import shutil
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.nodeagent.figures import Requests, Server
from bench.nodeagent.programs import Running, pinned, running, told
from bench.servers import cores
from nodeagent.binary.program import GoProgram, read
from nodeagent.binary.sites import entry_site, return_sites
from nodeagent.kernel.compiler import load
from nodeagent.kernel.uprobes import Uprobe, attach
from nodeagent.tracing.process import Process
from nodeagent.tracing.tracer import Tracer

_CONNECTIONS = 8
_DRAIN = 0.05
_SERVE_HTTP = "net/http.serverHandler.ServeHTTP"
_FINISH = "net/http.(*response).finishRequest"
_NOTHING = """
#include <uapi/linux/ptrace.h>
int nothing(struct pt_regs *ctx) { return 0; }
"""

HEADERS = {
    "without traceparent": "",
    "with traceparent": "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
}

Tell = Callable[[str], None]


def measured(
    program: Path, directory: Path, rounds: int, requests: int, tell: Tell
) -> tuple[Requests, ...]:
    """Servers that are not traced, traced, sampled, probed as others do."""
    with ExitStack() as stack:
        tracer = Tracer()
        stack.callback(tracer.close)
        stack.enter_context(_emptied(tracer))
        servers: dict[str, Running] = {}
        for name, probe in _ways(tracer).items():
            copy = directory / name.replace(" ", "-")
            shutil.copyfile(program, copy)
            copy.chmod(0o755)
            core = cores()[0]
            server = running(copy, "serve", on=core, variables={"GOMAXPROCS": "1"})
            servers[name] = stack.enter_context(server)
            stack.callback(_detach, probe(copy, servers[name]))
        turns = _Turns(servers, program, requests)
        for number in range(rounds + 1):
            tell(f"servers, round {number} of {rounds}")
            turns.round()
        return turns.figures()


def _ways(tracer: Tracer) -> Mapping[str, Callable[[Path, Running], Sequence[Uprobe]]]:
    def traced(ratio: float) -> Callable[[Path, Running], Sequence[Uprobe]]:
        def probe(_: Path, server: Running) -> Sequence[Uprobe]:
            tracer.trace(Process(server.process.pid), ratio)
            return ()

        return probe

    return {
        "not traced": lambda _copy, _server: (),
        "spanhook": traced(1.0),
        "spanhook, a tenth sampled": traced(0.1),
        "empty probes at the same places": lambda copy, _: _empty(copy, _our_places),
        "empty probes at entry and return": lambda copy, _: _empty(copy, _entry_and_returns),
    }


def _our_places(program: GoProgram) -> Iterator[int]:
    for function in program.functions((_SERVE_HTTP, _FINISH)).values():
        yield entry_site(program, function).file_offset


def _entry_and_returns(program: GoProgram) -> Iterator[int]:
    """Where it is simplest: at a function's first instruction and its returns."""
    for function in program.functions((_SERVE_HTTP,)).values():
        yield function.file_offset
        yield from (site.file_offset for site in return_sites(program, function))


def _empty(copy: Path, places: Callable[[GoProgram], Iterator[int]]) -> Sequence[Uprobe]:
    """Programs that do nothing: what the kernel takes to call them."""
    loaded = load(_NOTHING, ["nothing"], [])
    program = loaded.programs["nothing"]
    probes = [attach(program, str(copy), offset) for offset in places(read(copy))]
    loaded.close()
    return probes


def _detach(probes: Sequence[Uprobe]) -> None:
    for probe in probes:
        probe.detach()


@contextmanager
def _emptied(tracer: Tracer) -> Iterator[None]:
    """What becomes of spans is measured elsewhere: here they are thrown away unread."""
    stop = threading.Event()
    events = tracer._events  # noqa: SLF001 - nobody else has a use for throwing spans away

    def drain() -> None:
        while not stop.wait(_DRAIN):
            events._consumed[0] = events._words[0]  # noqa: SLF001

    thread = threading.Thread(target=drain)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


class _Turns:
    """The servers, and what was seen of them so far."""

    def __init__(self, servers: Mapping[str, Running], program: Path, requests: int) -> None:
        self._servers = servers
        self._program = program
        self._requests = requests
        self._cpu: dict[tuple[str, str], list[float]] = {}
        self._rates: dict[tuple[str, str], list[float]] = {}

    def round(self) -> None:
        """Each server under each kind of request once."""
        for kind, header in HEADERS.items():
            for name, server in self._servers.items():
                before = server.process.cpu_seconds
                seconds = self._load(server, header)
                cpu = server.process.cpu_seconds - before
                self._cpu.setdefault((kind, name), []).append(cpu / self._requests)
                self._rates.setdefault((kind, name), []).append(self._requests / seconds)

    def _load(self, server: Running, header: str) -> float:
        options = {
            "address": server.addresses[0],
            "connections": _CONNECTIONS,
            "requests": self._requests,
            "header": header,
        }
        with pinned(cores()[1]):
            answer = told(self._program, "load", options, seconds=120)
        return float(answer["seconds"])

    def figures(self) -> tuple[Requests, ...]:
        """All of it but the first round, which warmed up."""
        return tuple(
            Requests(
                kind,
                tuple(
                    Server(name, self._cpu[kind, name][1:], self._rates[kind, name][1:])
                    for name in self._servers
                ),
            )
            for kind in HEADERS
        )
