"""The demo from beginning to end."""

import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console

from demo import shop
from demo.admission import Webhook, webhook
from demo.cache import user_cache
from demo.display import Display
from demo.expectation import keeps, missing
from demo.interruption import Interrupted, interruptible
from demo.preparation import preparing
from demo.processes import Children, StartError, terminate_children
from demo.provision import Missing, provision
from demo.receiver import receiving
from demo.reviews import ReviewError
from demo.runtimes.model import Prepared
from demo.shop import Admission, Started
from demo.spans import Span
from demo.store import SpanStore
from demo.traces import Trace, first_ends, is_probe, summaries, trace_of, traces_of
from demo.traffic import CHECKOUT, send
from demo.workloads import Manifests, read

_ARRIVE_SECONDS = 30
_QUIET_SECONDS = 1.0
_STOP_SECONDS = 8
_INTERRUPTED = 130

_WITHOUT_SPANS = {
    "stock": "a Go container stays as it is, the node agent traces it from the kernel",
    "exchange": "the .NET agent comes as an image only",
}


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


def run(options: Options, console: Console) -> Report:
    """Run the demo; everything that it started has ended when it returns."""
    display = Display(console)
    display.title()
    try:
        with interruptible(), _folder(options, display) as folder:
            return _run(_Scene(options, display, folder, read(), SpanStore(), Children()))
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


@dataclass(frozen=True, slots=True)
class _Shop:
    """The shop as it runs."""

    prepared: Mapping[str, Prepared | Missing]
    admission: Admission
    started: Mapping[str, Started | Missing]
    door: int
    """The storefront's port."""


def _run(scene: _Scene) -> Report:
    prepared = _prepare(scene)
    with receiving(scene.store) as endpoint, webhook(scene.folder, {"endpoint": endpoint}) as asked:
        try:
            opened = _open(scene, prepared, _admit(scene, asked))
            report = _show(scene, opened)
            if not scene.options.once and report.code == 0:
                _stay(scene, opened)
        finally:
            # While the receiver still listens: agents send what they hold when they are ended.
            killed = scene.children.end(_STOP_SECONDS)
        for name in killed:
            scene.display.note(f"{name} did not end when it was asked to, and was killed.")
    return report


def _prepare(scene: _Scene) -> Mapping[str, Prepared | Missing]:
    scene.display.heading("Runtimes and agents", "fetched once, then cached")
    with preparing(scene.display) as progress:
        return provision(user_cache(), progress, own_runtimes=scene.options.own_runtimes)


def _admit(scene: _Scene, asked: Webhook) -> Admission:
    scene.display.heading("Decisions", f"asked of https://127.0.0.1:{asked.port}/mutate")
    admission = shop.admit(scene.manifests, asked)
    scene.display.decisions(admission.rows, admission.warnings)
    if scene.options.verbose:
        scene.display.patches(admission.operations)
    return admission


def _open(scene: _Scene, prepared: Mapping[str, Prepared | Missing], admission: Admission) -> _Shop:
    scene.display.heading("The shop", "the admitted pods as processes of this machine")
    network = shop.network_of(admission.pods, scene.manifests)
    node = shop.node_of(scene.folder, scene.manifests, prepared, network, scene.children)
    started = shop.open_shop(admission, node, prepared, scene.display.opened)
    door = int(network.services["storefront:8080"].rpartition(":")[2])
    return _Shop(prepared, admission, started, door)


def _show(scene: _Scene, opened: _Shop) -> Report:
    display, store = scene.display, scene.store
    display.heading("Traffic", f"http://127.0.0.1:{opened.door}/")
    visits = list(send(opened.door, scene.options.rounds))
    display.visits(visits)
    _arrive(store, sum(visit.status > 0 for visit in visits))
    traces = [trace for trace in traces_of(store.spans()) if not is_probe(trace)]
    faults = missing(traces)
    for trace in traces if scene.options.verbose else _best(traces):
        display.heading("Trace", f"{trace.id} · {len(trace.spans)} spans")
        display.trace(trace)
    spans = [span for trace in traces for span in trace.spans]
    display.heading("Services", f"{len(traces)} traces, {len(spans)} spans")
    display.summary(summaries(spans), _first(store.spans(), opened.started))
    for service in _silent(opened, spans):
        display.note(f"{service} ran and sent no spans: {_WITHOUT_SPANS[service]}.")
    display.verdict(
        faults, "One trace through Node.js, Python and Java, every parent in its place."
    )
    return Report(1 if faults else 0, _document(opened, faults, traces, spans))


def _arrive(store: SpanStore, visits: int) -> None:
    """Wait for the promised trace, then until every visit's trace is whole."""

    def whole(spans: Sequence[Span]) -> bool:
        traces = [trace for trace in traces_of(spans) if not is_probe(trace)]
        return len(traces) >= visits and all(len(t.roots) == 1 and not t.dangling for t in traces)

    if store.wait(lambda spans: not missing(traces_of(spans)), _ARRIVE_SECONDS):
        store.wait(whole, 2 * _QUIET_SECONDS)


def _best(traces: Sequence[Trace]) -> list[Trace]:
    """The newest order that keeps the promise; else the trace that got furthest."""
    kept = [trace for trace in traces if keeps(trace) and trace.roots[0].http_path == CHECKOUT.path]
    if kept:
        most = max(len(trace.spans) for trace in kept)
        return [[trace for trace in kept if len(trace.spans) == most][-1]]
    return (
        [max(traces, key=lambda trace: (len(trace.services), len(trace.spans)))] if traces else []
    )


def _first(spans: Sequence[Span], started: Mapping[str, Started | Missing]) -> dict[str, float]:
    """Service to seconds from its start to its first span's end."""
    ends = first_ends(spans)
    return {
        service: (ends[service] - outcome.pod.started) / 1e9
        for service, outcome in started.items()
        if isinstance(outcome, Started) and service in ends
    }


def _silent(opened: _Shop, spans: Sequence[Span]) -> list[str]:
    """Services that run, and that are expected to say nothing here."""
    heard = {span.service for span in spans}
    return [
        service
        for service in _WITHOUT_SPANS
        if isinstance(opened.started[service], Started) and service not in heard
    ]


def _stay(scene: _Scene, opened: _Shop) -> None:
    """Show every trace as it comes to rest, until somebody stops the demo."""
    scene.display.heading("Open", f"http://127.0.0.1:{opened.door}/ · Ctrl-C closes the shop")
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


def _document(
    opened: _Shop, faults: Sequence[str], traces: Sequence[Trace], spans: Sequence[Span]
) -> dict[str, object]:
    return {
        "ok": not faults,
        "missing": list(faults),
        "services": {
            service: {
                "running": isinstance(outcome, Started),
                "runtime": _runtime(opened.prepared[service]),
                "reason": outcome.reason if isinstance(outcome, Missing) else None,
            }
            for service, outcome in opened.started.items()
        },
        "decisions": [asdict(row) for row in opened.admission.rows],
        "warnings": list(opened.admission.warnings),
        "summary": [asdict(row) for row in summaries(spans)],
        "trace": [asdict(span) for trace in _best(traces) for _, span in trace.walk()],
    }


def _runtime(outcome: Prepared | Missing) -> str | None:
    return None if isinstance(outcome, Missing) else outcome.runtime.title


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
