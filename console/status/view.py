"""A Status as people read it."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from console import page
from console.output import plain
from console.status import wording
from console.status.agents import NodeAgents
from console.status.imageview import open_images
from console.status.model import (
    Certificates,
    Finding,
    ImageInspection,
    Section,
    Severity,
    Status,
    Webhook,
)
from console.status.nodeview import details
from console.status.podview import pods

_LABEL = 12
_MARKS = {Severity.PROBLEM: ("✗", "red"), Severity.NOTE: ("!", "yellow")}


def show(status: Status) -> None:
    """Print everything to stdout."""
    page.show(_parts(status))


def _parts(status: Status) -> Iterator[RenderableType]:
    yield from _section(status, "webhook", [_webhook(status.webhook)])
    certificates = [_certificates(status), *_replicas(status)]
    yield from _section(status, "certificates", certificates)
    images = [_images(status.images), *open_images(status.images.open)]
    yield from _section(status, "images", images)
    yield from _section(status, "nodes", [_nodes(status.nodes), *details(status.nodes)])
    yield from _section(status, "pods", pods(status.namespaces))
    if status.unread:
        yield _heading("not readable")
        for one in status.unread:
            yield Padding(Text(plain(f"{one.what}: {one.why}")), (0, 0, 0, 1), expand=False)
        yield Text()
    yield _summary(status)


def _section(
    status: Status, section: Section, parts: "Iterator[RenderableType] | list[RenderableType]"
) -> Iterator[RenderableType]:
    yield _heading(section)
    yield from parts
    for finding in status.findings:
        if finding.section == section:
            yield Padding(_finding(finding), (0, 0, 0, 1), expand=False)
    yield Text()


def _heading(text: str) -> RenderableType:
    return Rule(Text(text.capitalize(), style="bold"), align="left", style="dim", characters="─")


def _finding(finding: Finding) -> Table:
    mark, style = _MARKS[finding.severity]
    row = Table.grid(padding=(0, 1, 0, 0))
    row.add_row(Text(mark, style=style), Text(plain(finding.message)))
    return row


def _grid() -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0), pad_edge=False)
    grid.add_column(width=_LABEL, no_wrap=True, justify="right", style="dim")
    grid.add_column(overflow="fold")
    return grid


def _webhook(webhook: Webhook) -> Table:
    grid = _grid()
    grid.add_row("replicas", wording.deployment(webhook.deployment))
    for index, entry in enumerate(webhook.entries):
        grid.add_row("" if index else "registered", wording.entry(entry))
    if not webhook.entries:
        grid.add_row("registered", wording.registered(webhook.registered))
    grid.add_row("endpoints", wording.endpoints(webhook.endpoints))
    grid.add_row("settings", wording.settings(webhook.settings))
    return grid


def _certificates(status: Status) -> Table:
    found: Certificates = status.certificates
    grid = _grid()
    grid.add_row("issued by", wording.issuer(found))
    grid.add_row("expire", wording.expiry(found, status.at))
    trusted = {one.fingerprint: one for e in status.webhook.entries for one in e.authorities}
    for index, one in enumerate(trusted.values()):
        grid.add_row("" if index else "trusted", wording.authority(one, status.at))
    if found.rotation:
        grid.add_row("rotation", found.rotation)
    return grid


def _images(images: ImageInspection) -> Table:
    grid = _grid()
    grid.add_row("profiles", wording.profiles(images))
    grid.add_row("registries", wording.asked(images))
    return grid


def _nodes(nodes: NodeAgents) -> Table:
    grid = _grid()
    grid.add_row("agents", wording.agents(nodes))
    return grid


_REPLICAS = ("replica", "version", "certificate", "expires", "heartbeat")


def _replicas(status: Status) -> Iterator[RenderableType]:
    replicas = status.certificates.replicas
    if not replicas:
        return
    table = Table(*_REPLICAS, box=None, header_style="dim", pad_edge=False, padding=(0, 2, 0, 0))
    for one in replicas:
        style = "" if one.current else "dim"
        table.add_row(*wording.replica(one, status.at), style=style)
    yield Padding(table, (1, 0, 0, 1), expand=False)


def _summary(status: Status) -> Text:
    problems = sum(one.severity is Severity.PROBLEM for one in status.findings)
    if problems:
        return Text(wording.count(problems, "problem") + ".", style="bold red")
    readable = "" if not status.unread else " as far as it can be read"
    return Text(f"All is well{readable}.", style="bold green")
