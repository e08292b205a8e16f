"""The figures of creations as tables."""

from collections.abc import Iterator, Sequence

from bench.apiserver.figures import Report, Series, Spread, Step, Turns
from bench.apiserver.growth import CLIENTS as STEP_CLIENTS
from bench.tables import Row, Titled, megabytes, milliseconds

RATIOS = {"1 client": 1.2, "16 clients": 1.4}
"""What the product may add over what a webhook with a fixed patch adds."""
MEMORY_BYTES = 150_000_000
READY_SECONDS = 5.0

_MET = {True: "met", False: "missed"}
_WEBHOOKS = {"label": "fixed label", "injection": "fixed injection", "spanhook": "spanhook"}


def tables(report: Report) -> Sequence[Titled]:
    """All figures."""
    return (
        ("What it should reach", [("target", "limit", "measured", ""), *_targets(report)]),
        ("A creation of the usual pod, by number of clients", _turns("clients", report.clients)),
        ("A creation by pod, one client", _turns("pod", report.pods)),
        ("A replica by what it watches", _steps(report.steps)),
    )


def _targets(report: Report) -> Iterator[Row]:
    for turns in report.clients:
        limit = RATIOS.get(turns.load)
        if limit is not None:
            yield from _ratios(turns, limit)
    quiet, largest = report.quiet, report.steps[-1]
    size = f"{largest.namespaces:,} namespaces, {largest.objects:,} objects"
    yield (
        f"calls for {quiet.creations} creations where nothing is opted in",
        "0",
        str(quiet.calls),
        _MET[quiet.calls == 0],
    )
    yield (
        f"memory with {size}",
        megabytes(MEMORY_BYTES),
        megabytes(largest.loaded_bytes),
        _MET[largest.loaded_bytes <= MEMORY_BYTES],
    )
    yield (
        f"ready with {size}",
        f"{READY_SECONDS:.0f} s",
        f"{largest.ready_seconds:.2f} s",
        _MET[largest.ready_seconds <= READY_SECONDS],
    )


def _ratios(turns: Turns, limit: float) -> Iterator[Row]:
    for floor in (turns.injection, turns.label):
        for name, share in (("median", 0.5), ("p99", 0.99)):
            ratio = turns.ratio(floor, share)
            target = f"{turns.load}, added {name} over {_WEBHOOKS[floor.name]}'s"
            yield target, f"{limit:.1f} ×", f"{ratio:.2f} ×", _MET[ratio <= limit]


def _turns(what: str, all_turns: Sequence[Turns]) -> list[Row]:
    header = (
        *(what, "webhook", "p50", "p99", "added to p50", "added to p99"),
        *("CPU of API server, added", "CPU of webhook"),
    )
    return [header, *(row for turns in all_turns for row in _of_turns(turns))]


def _of_turns(turns: Turns) -> Iterator[Row]:
    none = turns.none
    yield (turns.load, "none", *_latencies(none), "–", "–", "–", "–")
    for series in turns.webhooks:
        yield (
            turns.load,
            _WEBHOOKS[series.name],
            *_latencies(series),
            _spread(series.added(none, 0.5)),
            _spread(series.added(none, 0.99)),
            milliseconds(series.added_api_server_cpu(none)),
            milliseconds(series.webhook_cpu),
        )


def _latencies(series: Series) -> tuple[str, str]:
    return (
        milliseconds(series.latency(0.5).median),
        milliseconds(series.latency(0.99).median),
    )


def _steps(steps: Sequence[Step]) -> list[Row]:
    added = (f"added to p50, {clients} clients" for clients in STEP_CLIENTS)
    header = ("namespaces", "objects", "ready after", "memory", "after load", *added)
    return [header, *(_step_row(step) for step in steps)]


def _step_row(step: Step) -> Row:
    return (
        f"{step.namespaces:,}",
        f"{step.objects:,}",
        f"{step.ready_seconds:.2f} s",
        megabytes(step.ready_bytes),
        megabytes(step.loaded_bytes),
        *map(_spread, step.added),
    )


def _spread(spread: Spread) -> str:
    """The median of the rounds, and in brackets the quartiles."""
    low, high = (f"{value * 1000:.1f}" for value in (spread.low, spread.high))
    return f"{milliseconds(spread.median)} ({low}–{high})"
