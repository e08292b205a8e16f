"""The demo from beginning to end."""

import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from demo import shop
from demo.admission import Webhook, webhook
from demo.cache import user_cache
from demo.display import Display
from demo.expectation import missing
from demo.interruption import Interrupted, interruptible
from demo.network import Network
from demo.node_agent import NodeAgent, Tracing, target
from demo.preparation import preparing
from demo.processes import Children, StartError, terminate_children
from demo.provision import Missing, provision
from demo.receiver import receiving
from demo.result import Result, absences, promise_of
from demo.reviews import ReviewError
from demo.runtimes.model import Prepared
from demo.shop import Admission, Started
from demo.store import SpanStore
from demo.traces import is_probe, trace_of, traces_of
from demo.traffic import send
from demo.workloads import Manifests, read

_ARRIVE_SECONDS = 30
_QUIET_SECONDS = 1.0
_STOP_SECONDS = 8
_INTERRUPTED = 130
_AGENT = NodeAgent()


@dataclass(frozen=True, slots=True)
class Options:
    """What can be chosen; `spanhook demo --help` says what each means."""

    once: bool = False
    rounds: int = 3
    keep: bool = False
    verbose: bool = False
    own_runtimes: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """How it ended: the exit code, and the same as a JSON object."""

    code: int
    document: Mapping[str, object]


def run(options: Options, console: Console, agent: NodeAgent = _AGENT) -> Report:
    """Run the demo; everything that it started has ended when it returns."""
    display = Display(console)
    display.title()
    try:
        with interruptible(), _folder(options, display) as folder:
            return _run(_Scene(options, display, folder, read(), SpanStore(), Children(), agent))
    except Interrupted:
        terminate_children()
        display.note("Stopped before it was done.")
        return Report(_INTERRUPTED, {"ok": False, "missing": ["it was stopped"]})
    except (StartError, ReviewError, OSError) as error:
        display.verdict([str(error)], "")
        return Report(1, {"ok": False, "missing": [str(error)]})


@dataclass(frozen=True, slots=True)
class _Scene:
    options: Options
    display: Display
    folder: Path
    manifests: Manifests
    store: SpanStore
    children: Children
    agent: NodeAgent


def _run(scene: _Scene) -> Report:
    prepared, lacks = _prepare(scene)
    with receiving(scene.store) as endpoint, webhook(scene.folder, {"endpoint": endpoint}) as asked:
        try:
            admission = _admit(scene, asked)
            network = shop.network_of(admission.pods, scene.manifests)
            door = int(network.services["storefront:8080"].rpartition(":")[2])
            started = _open(scene, prepared, admission, network)
            tracing = lacks or _trace(scene, admission, started, endpoint)
            _visit(scene, door, started, tracing)
            fault = tracing.fault if isinstance(tracing, Tracing) else None
            result = Result(prepared, admission, started, scene.store.spans(), tracing, fault)
            _show(scene, result)
            if not scene.options.once and isinstance(started["storefront"], Started):
                _stay(scene, door)
        finally:
            # While the receiver still listens: agents send what they hold when they are ended.
            killed = scene.children.end(_STOP_SECONDS)
        for name in killed:
            scene.display.note(f"{name} did not end when it was asked to, and was killed.")
    return Report(1 if result.faults else 0, result.document())


def _prepare(scene: _Scene) -> tuple[Mapping[str, Prepared | Missing], Missing | None]:
    """What there is for each service, and what the node agent lacks."""
    scene.display.heading("Runtimes and agents", "fetched once, then cached")
    beside = ThreadPoolExecutor(1, thread_name_prefix="check")
    checking = beside.submit(scene.agent.check)
    beside.shutdown(wait=False)  # once it is done; who is interrupted does not wait for it
    with preparing(scene.display) as progress:
        prepared = provision(user_cache(), progress, own_runtimes=scene.options.own_runtimes)
        lacks = checking.result()
    text = f"cannot trace Go here: {lacks.reason}" if lacks else "can trace Go here, through eBPF"
    scene.display.mark("node agent", text, good=not lacks)
    return prepared, lacks


def _admit(scene: _Scene, asked: Webhook) -> Admission:
    scene.display.heading("Decisions", f"asked of https://127.0.0.1:{asked.port}/mutate")
    admission = shop.admit(scene.manifests, asked)
    scene.display.decisions(admission.rows, admission.warnings)
    if scene.options.verbose:
        scene.display.patches(admission.operations)
    return admission


def _open(
    scene: _Scene,
    prepared: Mapping[str, Prepared | Missing],
    admission: Admission,
    network: Network,
) -> Mapping[str, Started | Missing]:
    scene.display.heading("The shop", "the admitted pods as processes of this machine")
    node = shop.node_of(scene.folder, scene.manifests, prepared, network, scene.children)
    return shop.open_shop(admission, node, prepared, scene.display.opened)


def _trace(
    scene: _Scene,
    admission: Admission,
    started: Mapping[str, Started | Missing],
    endpoint: str,
) -> Tracing | Missing:
    """The node agent, once what it traces runs: as it would find it on a node."""
    wanted = target(admission.pods["stock"], started["stock"])
    if isinstance(wanted, Missing):
        return wanted
    tracing = scene.agent.trace(wanted, endpoint, scene.children, scene.folder)
    if isinstance(tracing, Missing):
        scene.display.mark("node agent", tracing.reason, good=False)
    else:
        beside = f"{tracing.seconds:.1f} s"
        scene.display.mark("node agent", f"traces {wanted.service}", good=True, beside=beside)
    return tracing


def _visit(
    scene: _Scene, door: int, started: Mapping[str, Started | Missing], tracing: Tracing | Missing
) -> None:
    """Send the traffic and wait for what it leaves behind."""
    if not isinstance(started["storefront"], Started):
        return
    scene.display.heading("Traffic", f"http://127.0.0.1:{door}/")
    scene.display.visits(list(send(door, scene.options.rounds)))
    patience = _QUIET_SECONDS if absences(started) else _ARRIVE_SECONDS
    _wait(scene, tracing, time.monotonic() + patience)
    # The rest of the traces is on its way: every service sends in its own rhythm.
    scene.store.wait_quiet(_QUIET_SECONDS, _ARRIVE_SECONDS)


def _wait(scene: _Scene, tracing: Tracing | Missing, deadline: float) -> None:
    """For the promised trace, as long as it can come."""
    hops = promise_of(tracing).hops
    while not scene.store.wait(lambda spans: not missing(traces_of(spans), hops), _QUIET_SECONDS):
        agent_ended = isinstance(tracing, Tracing) and tracing.fault
        if agent_ended or time.monotonic() > deadline:
            return


def _show(scene: _Scene, result: Result) -> None:
    display, traces = scene.display, result.traces
    chosen = traces if scene.options.verbose else [trace for trace in [result.best] if trace]
    for trace in chosen:
        display.heading("Trace", f"{trace.id} · {len(trace.spans)} spans")
        display.trace(trace)
    if traces:
        display.heading("Services", f"{len(traces)} traces")
        display.summary(result.summaries, result.first)
    for note in result.notes:
        display.note(note)
    display.verdict(result.faults, result.promise.sentence)


def _stay(scene: _Scene, door: int) -> None:
    """Show every trace as it comes to rest, until somebody stops the demo."""
    scene.display.heading("Open", f"http://127.0.0.1:{door}/ · Ctrl-C closes the shop")
    scene.store.settled(0)
    try:
        while True:
            time.sleep(_QUIET_SECONDS / 4)
            for spans in scene.store.settled(_QUIET_SECONDS):
                trace = trace_of(spans)
                if not is_probe(trace):
                    scene.display.tail(trace)
    except Interrupted:
        scene.display.note("Closing the shop.")


@contextmanager
def _folder(options: Options, display: Display) -> Iterator[Path]:
    """The run's own folder: pods, logs, certificates. It goes when the run ends, unless kept."""
    folder = Path(tempfile.mkdtemp(prefix="spanhook-demo-"))
    try:
        yield folder
    finally:
        if options.keep:
            display.note(f"Pods, logs and certificates are in {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
