"""Evidence as people read it: rows of where it was found, what it says and what that tells."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from rich.table import Table
from rich.text import Text

from console.output import plain
from webhook.choice import title
from webhook.model import Evidence

_LABEL = 12


def grid() -> Table:
    """Rows of a label and what it labels."""
    rows = Table.grid(padding=(0, 2, 0, 0), pad_edge=False)
    rows.add_column(width=_LABEL, no_wrap=True, justify="right")
    rows.add_column(overflow="fold")
    return rows


def label(text: str, style: str = "dim") -> Text:
    """A row's label."""
    return Text(text, style=style)


def evidence(rows: Table, found: Iterable[Evidence]) -> None:
    """One row per piece of evidence; its source is said where it changes."""
    for source, pieces in groupby(found, key=lambda one: str(one.source)):
        for index, one in enumerate(pieces):
            rows.add_row(label("" if index else source), _fact(one))


def _fact(one: Evidence) -> Text:
    text = Text(plain(one.fact), style="" if one.decides else "dim")
    tells = plain(", ".join(_tells(one)))
    if tells:
        text.append(f"  → {tells}", style="green" if one.decides else "dim")
    return text.append(" (a hint)", style="dim") if tells and not one.decides else text


def _tells(one: Evidence) -> Iterator[str]:
    named = " ".join(
        part for part in (title(one.language) if one.language else "", one.version) if part
    )
    if named:
        yield named
    if one.libc:
        yield one.libc
