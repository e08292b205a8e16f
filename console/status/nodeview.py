"""The nodes' agents, as people read them."""

from collections.abc import Iterator, Sequence
from itertools import islice

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from console import page
from console.output import plain
from console.status.agents import Machine, NodeAgents, SilentAgent, Untraced
from console.status.machines import in_use
from console.status.wording import count

_SHOWN = 10
"""Nodes, and reasons; -o json has all."""


def details(found: NodeAgents) -> Iterator[RenderableType]:
    """Which agents are not ready, what nodes allow, which Go containers are not traced; and why."""
    if found.silent:
        yield Padding(_silent(found.silent), (1, 0, 1, 1), expand=False)
        yield page.line(f"   {found.silent[0].command}", style="cyan")
    if found.machines:
        yield Padding(_machines(found.machines), (1, 0, 0, 1), expand=False)
        commands = (one.command for one in found.machines if one.command)
        yield from (page.line(f"   {one}", style="cyan") for one in islice(commands, 1))
    if found.untraced:
        yield Padding(_untraced(found.untraced), (1, 0, 1, 1), expand=False)


def _silent(agents: Sequence[SilentAgent]) -> Table:
    table = _table("node", "pod", "not ready because")
    for one in agents[:_SHOWN]:
        table.add_row(Text(one.node or "–", style="bold"), one.pod, plain(one.why))
    _more(table, len(agents), "node")
    return table


def _machines(machines: Sequence[Machine]) -> Table:
    """Which nodes trace, and by which path they pass traces on, or why by none."""
    table = _table("node", "Go programs", "propagation")
    for one in machines[:_SHOWN]:
        traced = "traced" if one.why_not is None else f"not traced: {one.why_not}"
        table.add_row(Text(plain(one.node), style="bold"), plain(traced), plain(_passed_on(one)))
    _more(table, len(machines), "node")
    return table


def _passed_on(one: Machine) -> str:
    """`sk-msg`, or `off: write: SYS_ADMIN is needed…`: what was asked for comes first."""
    if one.why_not is not None or not one.propagation:
        return "–"
    closed = [path for path in one.propagation if path.state == "unavailable"]
    whys = "; ".join(f"{path.path}: {path.why}" for path in closed) or "not asked for"
    return in_use(one) or f"off: {whys}"


def _untraced(containers: Sequence[Untraced]) -> Table:
    """By reason: a machine's is that of all its containers."""
    reasons: dict[str, list[Untraced]] = {}
    for one in containers:
        reasons.setdefault(one.why, []).append(one)
    table = _table("Go containers", "for instance", "not traced because")
    for why, found in list(reasons.items())[:_SHOWN]:
        first = found[0]
        where = f"{first.container} of {first.kind} {first.workload} in {first.namespace}"
        table.add_row(f"{len(found):,}", plain(where), plain(why))
    _more(table, len(reasons), "reason")
    return table


def _table(*columns: str) -> Table:
    return Table(*columns, box=None, header_style="dim", pad_edge=False, padding=(0, 2, 0, 0))


def _more(table: Table, number: int, noun: str) -> None:
    if number > _SHOWN:
        table.add_row(f"and {count(number - _SHOWN, noun)} more: -o json has them", "", "")
