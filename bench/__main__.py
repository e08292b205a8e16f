"""`python -m bench`: measure, print, and write docs/performance.md. `--quick` only prints."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from bench.figures import Report
from bench.measure import QUICK, THOROUGH, measure
from bench.page import Row, in_process_rows, load_rows, process_rows, write

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"


def main() -> int:
    """Run the benchmark; 1 when something does not answer as it should."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few rounds, nothing is written")
    quick = parser.parse_args().quick
    console = Console()
    with console.status("starting") as status:
        report = measure(QUICK if quick else THOROUGH, status.update)
    show(report, console)
    if not quick:
        write(report, PAGE)
        console.print("Written to docs/performance.md.")
    return 0


def show(report: Report, console: Console) -> None:
    """The tables on the terminal."""
    console.print(f"Measured on {report.machine}.")
    for title, rows in (
        ("In process, from bytes to bytes", in_process_rows(report)),
        ("Over TLS with keep-alive, the server on one core", load_rows(report)),
        ("Start-up and resident memory", process_rows(report)),
    ):
        console.print(_table(title, rows))


def _table(title: str, rows: Sequence[Row]) -> Table:
    header, *body = rows
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD)
    for name in header:
        table.add_column(name, justify="left" if name in {"review", "server"} else "right")
    for row in body:
        table.add_row(*row, style="bold" if "spanhook" in row else "")
    return table


if __name__ == "__main__":
    sys.exit(main())
