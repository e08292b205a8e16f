"""Namespaces, what mends pending workloads, and why containers are skipped, as people read it."""

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from console import page
from console.output import plain
from console.status.model import Cause, Container, NamespaceStatus, State, Workload
from console.status.wording import count
from webhook.choice import title
from webhook.reasons import EXPLANATIONS, Reason

_CAUSES = {
    Cause.BEFORE_INSTALLATION: "created before Spanhook was installed",
    Cause.BEFORE_OPT_IN: "created before the namespace was opted in",
    Cause.SINCE_OPT_IN: "created since the opt-in: nobody answered, or decided otherwise then",
    Cause.UNKNOWN: "created before the opt-in, or while nobody answered",
}
_OPTED_IN = {True: "", False: " (pods by their own label)", None: " (label not readable)"}
_NAMESPACES = ("namespace", "pods", "instrumented", "pending", "skipped", "opted out")
_SKIPPED = ("namespace", "workload", "container", "pods", "skipped because")


def pods(namespaces: Sequence[NamespaceStatus]) -> Iterator[RenderableType]:
    """Counts, then lines that mend, then reasons."""
    if not namespaces:
        return
    yield Padding(_counts(namespaces), (0, 0, 0, 1), expand=False)
    for namespace in namespaces:
        for workload in namespace.workloads:
            if workload.remedy is not None:
                yield from _pending(namespace.name, workload)
    skipped = [
        (namespace.name, workload, container)
        for namespace in namespaces
        for workload in namespace.workloads
        for container in workload.containers
        if _is_told(workload, container)
    ]
    if skipped:
        yield Padding(_skipped(skipped), (1, 0, 0, 1), expand=False)


def _table(*columns: str) -> Table:
    return Table(*columns, box=None, header_style="dim", pad_edge=False, padding=(0, 2, 0, 0))


def _counts(namespaces: Sequence[NamespaceStatus]) -> Table:
    table = _table(*_NAMESPACES)
    for column in table.columns[1:]:
        column.justify = "right"
    for one in namespaces:
        found = one.counts
        name = f"{one.name}{_OPTED_IN[one.opted_in]}"
        numbers = (found.pods, found.instrumented, found.pending, found.skipped, found.opted_out)
        table.add_row(name, *(f"{number:,}" for number in numbers))
    return table


def _pending(namespace: str, workload: Workload) -> Iterator[RenderableType]:
    remedy, counts = workload.remedy, workload.counts
    if remedy is None:
        return
    text = Text("\n ").append(f"{workload.kind} {workload.name}", style="bold")
    text.append(f" in {namespace}: {counts.pending:,} of {count(counts.pods, 'pod')} pending")
    languages = {
        title(one.language)
        for one in workload.containers
        if one.state is State.PENDING and one.language
    }
    text.append(f" ({', '.join(sorted(languages))})", style="dim")
    yield text
    for cause, number in workload.causes.items():
        several = f"{count(number, 'pod')} " if len(workload.causes) > 1 else ""
        yield Text(f"   {several}{_CAUSES[cause]}", style="dim")
    if remedy.advice:
        yield Padding(Text(remedy.advice), (0, 0, 0, 3), expand=False)
    if remedy.command:
        yield page.line(f"   {remedy.command}", style="cyan")


def _is_told(workload: Workload, container: Container) -> bool:
    """Sidecars of instrumented pods are nobody's concern; what keeps a pod out, or surprises is."""
    if container.state is not State.SKIPPED or container.reason is None:
        return False
    return bool(workload.counts.skipped) or EXPLANATIONS[Reason(container.reason)].notable


def _skipped(rows: Sequence[tuple[str, Workload, Container]]) -> Table:
    table = _table(*_SKIPPED)
    for namespace, workload, one in rows:
        said = Text(one.reason or "", style="yellow")
        said.append(f": {plain(one.message)}" if one.message else "", style="default")
        name = f"{workload.kind} {workload.name}"
        table.add_row(namespace, name, one.name, f"{one.pods:,}", said)
    return table
