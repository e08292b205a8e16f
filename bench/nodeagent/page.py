"""The figures of the node agent as tables."""

from collections.abc import Iterator, Sequence
from statistics import median

from bench.nodeagent.figures import Pace, Report, Requests
from bench.tables import Row, Titled, megabytes

ADDED = 2e-6
"""Processor seconds a request, or this part of what a request takes, whichever is more."""
ADDED_PART = 0.05
THROUGHPUT = 0.95
MEMORY_BYTES = 180_000_000
ATTACH_SECONDS = 1.0, 2.0
"""For a binary that is known, and for one that is not."""

_MET = {True: "met", False: "missed"}
_OURS = "spanhook"


def tables(report: Report) -> Sequence[Titled]:
    """All figures."""
    return (
        ("What it should reach", [("target", "limit", "measured", ""), *_targets(report)]),
        *(
            (f"A server on one core, requests {one.name}, 8 connections", _servers(one))
            for one in report.requests
        ),
        ("The agent on a core of its own, requests at a steady rate", _paces(report.paces)),
    )


def _targets(report: Report) -> Iterator[Row]:
    for requests in report.requests:
        yield from _of_requests(requests)
    for pace in report.paces[:-1]:  # the last is more than it can do
        yield _row(f"{_name(pace)}, spans", _share(1), _share(_part(pace)), _part(pace) >= 0.999)
    for pace in report.paces:
        uncounted = max(0, pace.missing - pace.losses) if pace.ratio == 1 else 0
        yield _row(f"{_name(pace)}, losses not counted", "0", str(uncounted), uncounted == 0)
    yield from _of_growth(report)


def _of_requests(requests: Requests) -> Iterator[Row]:
    floor, ours = requests.servers[0], requests.servers[1]
    added, limit = ours.added_to(floor), max(ADDED, ADDED_PART * median(floor.cpu))
    ratio = ours.ratio_to(floor)
    name = requests.name
    yield _row(f"added to a request {name}", _micro(limit), _micro(added), added <= limit)
    yield _row(f"throughput {name}", f"{THROUGHPUT:.2f} ×", f"{ratio:.2f} ×", ratio >= THROUGHPUT)


def _of_growth(report: Report) -> Iterator[Row]:
    growth, attaching = report.growth, report.attaching
    yield _row(
        f"memory with {growth.binaries} binaries",
        megabytes(MEMORY_BYTES),
        megabytes(growth.with_binaries),
        growth.with_binaries <= MEMORY_BYTES,
    )
    yield _row(
        f"memory added by {growth.processes:,} processes that came and went",
        megabytes(growth.before // 10),
        megabytes(growth.after - growth.before),
        growth.after <= growth.before * 1.1,
    )
    known, unknown = ATTACH_SECONDS
    for name, limit, seconds in (
        ("known", known, attaching.known),
        ("unknown", unknown, attaching.unknown),
    ):
        text = f"a process of {'a' if name == 'known' else 'an'} {name} binary attached"
        yield _row(text, f"{limit:.0f} s", f"{seconds:.3f} s", seconds <= limit)


def _servers(requests: Requests) -> list[Row]:
    header = ("server", "requests/s", "ratio", "CPU/request", "added")
    floor = requests.servers[0]
    rows: list[Row] = [header]
    for server in requests.servers:
        first = server is floor
        rows.append(
            (
                server.name,
                f"{median(server.rates):,.0f}",
                "1" if first else f"{server.ratio_to(floor):.2f}",
                _micro(median(server.cpu)),
                "–" if first else _micro(server.added_to(floor)),
            )
        )
    return rows


def _paces(paces: Sequence[Pace]) -> list[Row]:
    header = ("requests", "spans", "lost, counted", "CPU/span", "spans/s and core", "memory")
    return [header, *map(_pace, paces)]


def _pace(pace: Pace) -> Row:
    return (
        f"{_name(pace)} for {pace.seconds:.0f} s",
        f"{pace.spans:,}",
        f"{pace.losses:,}",
        _micro(pace.cpu_per_span),
        f"{1 / pace.cpu_per_span:,.0f}",
        megabytes(pace.resident),
    )


def _name(pace: Pace) -> str:
    sampled = "" if pace.ratio == 1 else f", {pace.ratio:.0%} sampled".replace("%", " %")
    return f"{pace.rate:,} requests/s{sampled}"


def _part(pace: Pace) -> float:
    """Of the spans that should come; where traces are drawn by chance, within the chance."""
    if pace.ratio == 1:
        return pace.spans / pace.requests
    return 1.0 if pace.losses == 0 else 1 - pace.losses / (pace.requests * pace.ratio)


def _row(target: str, limit: str, measured: str, met: bool) -> Row:  # noqa: FBT001 - one row
    return target, limit, measured, _MET[met]


def _share(value: float) -> str:
    return f"{value:.1%}".replace("%", " %").replace(".0 %", " %")


def _micro(seconds: float) -> str:
    return f"{seconds * 1e6:.1f} µs"
