"""The webhook's own figures as tables."""

from collections.abc import Sequence

from bench.figures import InProcess, OverTls, Report, Server, quantile
from bench.tables import Row, Titled, kilobytes, megabytes, milliseconds


def tables(report: Report) -> Sequence[Titled]:
    """All figures."""
    size = kilobytes(report.body_bytes)
    return (
        ("In process, from the bytes of a review to the bytes of its answer", _in_process(report)),
        (
            f"Over TLS with keep-alive, a review of {size}, the server on one core",
            _over_tls(report),
        ),
        ("Start-up and resident memory", _processes(report)),
    )


def _in_process(report: Report) -> list[Row]:
    header = ("review", "body", "answer", "median", "p99")
    return [header, *(_in_process_row(one) for one in report.in_process)]


def _in_process_row(one: InProcess) -> Row:
    return (
        one.name,
        kilobytes(one.body_bytes),
        kilobytes(one.answer_bytes),
        milliseconds(quantile(one.latencies, 0.5)),
        milliseconds(quantile(one.latencies, 0.99)),
    )


def _over_tls(report: Report) -> list[Row]:
    header = ("connections", "server", "reviews/s", "p50", "p99", "CPU/review", "ratio")
    rows: list[Row] = []
    for ours, theirs in zip(report.product.load, report.floor.load, strict=True):
        ratio = f"{report.ratios[ours.connections]:.2f}"
        rows.append(_load_row(report.product.name, ours, ratio))
        rows.append(_load_row(report.floor.name, theirs, "1"))
    return [header, *rows]


def _load_row(name: str, load: OverTls, ratio: str) -> Row:
    return (
        str(load.connections),
        name,
        f"{load.rate:,.0f}",
        milliseconds(quantile(load.latencies, 0.5)),
        milliseconds(quantile(load.latencies, 0.99)),
        f"{load.cpu_per_review * 1e6:.0f} µs",
        ratio,
    )


def _processes(report: Report) -> list[Row]:
    header = ("server", "ready after", "memory idle", "memory after load")
    return [header, *(_process_row(server) for server in (report.product, report.floor))]


def _process_row(server: Server) -> Row:
    memory = map(megabytes, (server.idle_bytes, server.loaded_bytes))
    return (server.name, f"{server.ready_seconds:.2f} s", *memory)
