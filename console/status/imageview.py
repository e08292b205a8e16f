"""What is known of images, as people read it."""

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from console import page
from console.output import plain
from console.status.model import ImageState, OpenImage
from console.status.wording import count

_SHOWN = 10
"""Images; -o json has all."""
_COLUMNS = ("image", "namespaces", "containers", "not known because")
_STATES = {
    ImageState.UNREACHABLE: "its registry does not say what it is",
    ImageState.UNDECIDED: "neither it nor its layers tell what runs",
    ImageState.UNREAD: "its layers are not read yet",
    ImageState.UNKNOWN: "no profile yet",
}


def open_images(found: Sequence[OpenImage]) -> Iterator[RenderableType]:
    """A table, the worst first, and what to do."""
    if found:
        yield Padding(_table(found), (1, 0, 1, 1), expand=False)
        yield from _remedies(found[:_SHOWN])


def _table(images: Sequence[OpenImage]) -> Table:
    table = Table(*_COLUMNS, box=None, header_style="dim", pad_edge=False, padding=(0, 2, 0, 0))
    table.columns[2].justify = "right"
    for one in images[:_SHOWN]:
        said = plain(one.message) or _STATES[one.state]
        names = ", ".join(one.namespaces)
        table.add_row(Text(one.reference, style="bold"), names, f"{one.containers:,}", said)
    more = len(images) - _SHOWN
    if more > 0:
        table.add_row(f"and {count(more, 'image')} more: -o json has them", "", "", "")
    return table


def _remedies(images: Sequence[OpenImage]) -> Iterator[RenderableType]:
    """Each advice once, with the lines for a shell that it is about."""
    by_advice: dict[str, dict[str, None]] = {}
    for one in images:
        lines = by_advice.setdefault(one.remedy.advice or "", {})
        if one.remedy.command and (one.remedy.needed or not lines):
            lines[one.remedy.command] = None
    for advice, lines in by_advice.items():
        if advice:
            yield Padding(Text(advice, style="dim"), (0, 0, 0, 3), expand=False)
        for line in lines:
            yield page.line(f"   {line}", style="cyan")
