"""`python -m bench`: measure, print, and write docs/performance.md. `--quick` only prints."""

import argparse
import signal
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from bench import measure, page
from bench.apiserver import measure as apiserver_measure
from bench.apiserver import page as apiserver_page
from bench.images import measure as images_measure
from bench.images import page as images_page
from bench.nodeagent import measure as nodeagent_measure
from bench.nodeagent import page as nodeagent_page
from bench.tables import Row, Titled, markdown, write
from tests.cluster import StartError, UnavailableError

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"

Tell = Callable[[str], None]
Care = Literal["quick", "thorough"]
Part = Callable[[Care, Tell], tuple[str, Sequence[Titled]]]
"""Measures; a sentence about the circumstances, and the tables."""


def webhook(care: Care, tell: Tell) -> tuple[str, Sequence[Titled]]:
    """The webhook alone: in process and over TLS."""
    report = measure.measure(measure.EFFORTS[care], tell)
    return f"Measured on {report.machine}.", page.tables(report)


def api_server(care: Care, tell: Tell) -> tuple[str, Sequence[Titled]]:
    """Creations through a real API server."""
    effort = apiserver_measure.EFFORTS[care]
    with tempfile.TemporaryDirectory(prefix="spanhook-bench-") as directory:
        report = apiserver_measure.measure(Path(directory), effort, tell)
    circumstances = f"Measured on {report.machine}, kube-apiserver {report.kubernetes}."
    return circumstances, apiserver_page.tables(report)


def images(care: Care, tell: Tell) -> tuple[str, Sequence[Titled]]:
    """What images tell, and what it costs to ask."""
    effort = images_measure.EFFORTS[care]
    with tempfile.TemporaryDirectory(prefix="spanhook-bench-") as directory:
        report = images_measure.measure(Path(directory), effort, tell)
    return f"Measured on {report.machine}.", images_page.tables(report)


def node_agent(care: Care, tell: Tell) -> tuple[str, Sequence[Titled]]:
    """What tracing Go programs costs them and the agent."""
    effort = nodeagent_measure.EFFORTS[care]
    with tempfile.TemporaryDirectory(prefix="spanhook-bench-") as directory:
        report = nodeagent_measure.measure(Path(directory), effort, tell)
    return f"Measured on {report.machine}.", nodeagent_page.tables(report)


PARTS: dict[str, Part] = {
    "webhook": webhook,
    "api-server": api_server,
    "images": images,
    "node-agent": node_agent,
}
"""By the name that the page's markers have."""


def main() -> int:
    """Run the benchmark; 1 when something does not answer as it should."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few rounds, nothing is written")
    parser.add_argument("--only", choices=PARTS, help="measure this part alone")
    options = parser.parse_args()
    # The servers end with us, however we end.
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit("terminated"))
    console = Console()
    console.width = max(console.width, _WIDTH)
    care: Care = "quick" if options.quick else "thorough"
    for name in [options.only] if options.only else PARTS:
        try:
            with console.status("starting") as status:
                preamble, tables = PARTS[name](care, status.update)
        except (UnavailableError, StartError) as error:
            console.print(f"{name}: {error}")
            return 1
        show(preamble, tables, console)
        if not options.quick:
            write(markdown(preamble, tables), PAGE, name)
            console.print("Written to docs/performance.md.")
    return 0


def show(preamble: str, tables: Sequence[Titled], console: Console) -> None:
    """The tables on the terminal."""
    console.print(preamble)
    for title, rows in tables:
        console.print(_table(title, rows))


def _table(title: str, rows: Sequence[Row]) -> Table:
    header, *body = rows
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD)
    for number, name in enumerate(header):
        table.add_column(name, justify="right" if number and name not in _WORDS else "left")
    for row in body:
        table.add_row(*row, style="bold" if "spanhook" in row else "")
    return table


_WIDTH = 130
"""Tables in a file, or in a narrow terminal, lose no figures."""
_WORDS = frozenset({"review", "server", "webhook", "is", "told"})
"""Columns of words."""


if __name__ == "__main__":
    sys.exit(main())
