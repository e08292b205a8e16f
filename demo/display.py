"""What the demo shows: headings, tables, the trace. Plain text where nobody looks at a terminal."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from demo.decisions import Row
from demo.provision import Missing
from demo.shop import Started
from demo.spans import Span
from demo.timeline import lines
from demo.traces import ServiceSummary, Trace
from demo.traffic import Seen

WIDTH = 100
# What the trace's table needs beside the names and the bars: four columns, and what lies between.
_FIXED = 44
_NAME_SHARE = 0.62

# One colour for each service, the same wherever it is named.
_COLOURS = {
    "storefront": "green",
    "cart": "blue",
    "prices": "dark_orange3",
    "stock": "cyan",
    "exchange": "magenta",
}
_KIND_COLOURS = {"server": "bold", "client": "", "internal": "dim"}


class Display:
    """Writes to a console; knows nothing of what happens."""

    def __init__(self, console: Console) -> None:
        self.console = console

    def title(self) -> None:
        """The first line."""
        self.console.print()
        self.console.print(
            Text.assemble(("Spanhook demo", "bold"), (" · a shop in five languages", "dim"))
        )

    def heading(self, text: str, beside: str = "") -> None:
        """The beginning of a part."""
        self.console.print()
        self.console.print(Text.assemble((text, "bold"), (f"  {beside}", "dim")))

    def mark(self, name: str, text: str, *, good: bool, beside: str = "") -> None:
        """One line with a tick, or with a dash and its reason."""
        sign, style = ("✓", "green") if good else ("–", "yellow")
        table = Table.grid(padding=(0, 1))
        table.add_column(width=1)
        table.add_column(width=10)
        table.add_column(ratio=1)
        table.add_column(justify="right", style="dim")
        table.expand = True
        table.add_row(Text(sign, style), Text(name, _colour(name)), Text(text), Text(beside))
        self.console.print(table, width=self._width)

    def decisions(self, rows: Iterable[Row], warnings: Sequence[str]) -> None:
        """What the webhook decided, a row for each container."""
        table = _table("service", "container", "decision", "language", "version", "why")
        for row in rows:
            decided = row.decision if row.decision == "inject" else f"skip: {row.reason}"
            style = "green" if row.decision == "inject" else "yellow"
            table.add_row(
                Text(row.service, _colour(row.service)),
                row.container,
                Text(decided, style),
                row.language or "–",
                row.version or "–",
                Text(row.why, "dim"),
            )
        self._print(table)
        if warnings:
            listed = Table.grid(padding=(0, 1))
            for warning in warnings:
                listed.add_row(Text("warning", "yellow"), Text(warning, "dim"))
            self._print(listed)

    def patches(self, patches: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
        """What was changed in each pod, an operation a line."""
        for service, operations in patches.items():
            for operation in operations:
                value = json.dumps(operation.get("value", ""), ensure_ascii=False)
                self.console.print(
                    Text.assemble(
                        (f"{service} ", _colour(service)),
                        f"{operation['op']} {operation['path']} ",
                        (value, "dim"),
                    ),
                    soft_wrap=True,
                )

    def opened(self, service: str, outcome: Started | Missing) -> None:
        """How a service's start ended."""
        if isinstance(outcome, Missing):
            self.mark(service, outcome.reason, good=False)
            return
        left_out = [f"{name} is left out: no image of it here" for name in outcome.pod.left_out]
        without = [] if outcome.as_admitted else ["without its agent, which comes as an image only"]
        text = "; ".join(["ready", *without, *left_out])
        self.mark(service, text, good=True, beside=f"{outcome.seconds:.1f} s")

    def visits(self, seen: Iterable[Seen]) -> None:
        """The traffic, a line for each different visit."""
        groups: dict[str, list[Seen]] = {}
        for one in seen:
            groups.setdefault(one.visit.title, []).append(one)
        for title, group in groups.items():
            codes = ", ".join(sorted({str(one.status or one.text) for one in group}))
            visit = group[0].visit
            good = all(one.status == one.visit.expected for one in group)
            self.mark(
                f"{len(group)} ×", f"{visit.method} {visit.path}  {title}", good=good, beside=codes
            )

    def trace(self, trace: Trace) -> None:
        """The trace as a tree with a time line."""
        name, bar = self._widths()
        table = _table("service", "span", "kind", "ms", "", "status")
        table.columns[1].width = name
        table.columns[1].overflow = "ellipsis"
        table.columns[3].justify = "right"
        table.columns[4].width = bar
        for column in table.columns:
            column.no_wrap = True
        for line in lines(trace, bar):
            span = line.span
            table.add_row(
                Text(span.service, _colour(span.service)),
                Text.assemble(
                    (line.branches, "dim"), (span.name, _KIND_COLOURS.get(span.kind, ""))
                ),
                Text(span.kind, "dim"),
                f"{span.duration / 1e6:.1f}",
                Text(line.bar, _colour(span.service)),
                _status(span),
            )
        self._print(table)

    def summary(self, rows: Iterable[ServiceSummary], first: Mapping[str, float]) -> None:
        """A line for each service. `first`: seconds from the start to the first span."""
        table = _table("service", "spans", "errors", "median ms", "first span after")
        for column in table.columns[1:]:
            column.justify = "right"
        for row in rows:
            after = f"{first[row.service]:.1f} s" if row.service in first else "–"
            errors = Text(str(row.errors), "red" if row.errors else "")
            table.add_row(
                Text(row.service, _colour(row.service)),
                str(row.spans),
                errors,
                f"{row.median / 1e6:.1f}",
                after,
            )
        self._print(table)

    def tail(self, trace: Trace) -> None:
        """One line about a trace that has just come to rest."""
        root = trace.roots[0]
        services = " → ".join(dict.fromkeys(span.service for span in trace.spans))
        text = Text.assemble(
            (f"{trace.duration / 1e6:8.1f} ms  ", "dim"),
            (f"{root.name:<24} ", _colour(root.service)),
            _status(root),
            f"  {len(trace.spans)} spans  ",
            (services, "dim"),
        )
        self.console.print(text, no_wrap=True, overflow="ellipsis")

    def verdict(self, faults: Sequence[str], good: str) -> None:
        """The last line: what was shown, or what is missing."""
        self.console.print()
        if not faults:
            self.console.print(Text.assemble(("✓ ", "bold green"), (good, "bold")))
            return
        self.console.print(Text("✗ The promised trace did not come:", "bold red"))
        for fault in faults:
            self.console.print(Text(f"  {fault}"))

    def note(self, text: str) -> None:
        """A line of its own."""
        self.console.print(Text(text))

    @property
    def _width(self) -> int:
        return min(WIDTH, self.console.width)

    def _widths(self) -> tuple[int, int]:
        """Characters for a span's name and for its bar, as far as the terminal has room."""
        room = max(30, self._width - _FIXED)
        name = round(room * _NAME_SHARE)
        return name, room - name

    def _print(self, table: Table) -> None:
        self.console.print(table, width=self._width)


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, header_style="dim", pad_edge=False, padding=(0, 1, 0, 0))
    for column in columns:
        table.add_column(column)
    return table


def _colour(service: str) -> str:
    return _COLOURS.get(service, "")


def _status(span: Span) -> Text:
    if span.failed:
        return Text(str(span.http_status or "error"), "red")
    if span.http_status is not None:
        return Text(str(span.http_status), "yellow" if span.http_status >= 400 else "green")  # noqa: PLR2004
    return Text("ok" if span.status == "ok" else "·", "dim")
