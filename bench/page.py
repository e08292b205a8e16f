"""The figures as tables: rows for the terminal and for docs/performance.md."""

from collections.abc import Sequence
from pathlib import Path

from bench.figures import InProcess, OverTls, Report, Server, quantile

START, END = "<!-- measured: begin -->", "<!-- measured: end -->"

Row = tuple[str, ...]


class PageError(Exception):
    """The page has no place for figures."""


def in_process_rows(report: Report) -> list[Row]:
    """Header and rows: from bytes to bytes in process."""
    header = ("review", "body", "answer", "median", "p99")
    return [header, *(_in_process_row(one) for one in report.in_process)]


def _in_process_row(one: InProcess) -> Row:
    return (
        one.name,
        _kilobytes(one.body_bytes),
        _kilobytes(one.answer_bytes),
        _milliseconds(quantile(one.latencies, 0.5)),
        _milliseconds(quantile(one.latencies, 0.99)),
    )


def load_rows(report: Report) -> list[Row]:
    """Header and rows: both servers over TLS, the ratio at the end of the product's rows."""
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
        _milliseconds(quantile(load.latencies, 0.5)),
        _milliseconds(quantile(load.latencies, 0.99)),
        f"{load.cpu_per_review * 1e6:.0f} µs",
        ratio,
    )


def process_rows(report: Report) -> list[Row]:
    """Header and rows: start-up and memory."""
    header = ("server", "ready after", "memory idle", "memory after load")
    return [header, *(_process_row(server) for server in (report.product, report.floor))]


def _process_row(server: Server) -> Row:
    memory = (f"{size / 1e6:.0f} MB" for size in (server.idle_bytes, server.loaded_bytes))
    return (server.name, f"{server.ready_seconds:.2f} s", *memory)


def write(report: Report, page: Path) -> None:
    """Put the figures between the page's markers. Raises PageError where it has none."""
    text = page.read_text(encoding="utf-8")
    before, start, rest = text.partition(START)
    _, end, after = rest.partition(END)
    if not start or not end:
        raise PageError(f"{page}: no lines {START} and {END}")
    page.write_text(f"{before}{START}\n{markdown(report)}{END}{after}", encoding="utf-8")


def markdown(report: Report) -> str:
    """The figures as Markdown."""
    size = _kilobytes(report.body_bytes)
    parts = (
        f"Measured on {report.machine}.",
        "In process, from the bytes of a review to the bytes of its answer:",
        _table(in_process_rows(report)),
        f"Over TLS with keep-alive, a review of {size}, the server on one core:",
        _table(load_rows(report)),
        "Start-up and resident memory:",
        _table(process_rows(report)),
    )
    return "\n" + "\n\n".join(parts) + "\n\n"


def _table(rows: Sequence[Row]) -> str:
    header, *body = rows
    lines = [header, tuple("---" for _ in header), *body]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _kilobytes(size: int) -> str:
    return f"{size / 1000:.1f} KB"


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.2f} ms"
