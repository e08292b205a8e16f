"""A page for people on stdout: as wide as is easy to read, coloured where a terminal shows it."""

import sys
from collections.abc import Iterable

from rich.console import Console, RenderableType
from rich.text import Text

from console.output import has_colour, write

WIDEST = 110
"""Columns beyond which lines are harder to read, not easier."""
_PIPED = 100
"""Columns where there is no terminal to ask."""


def show(parts: Iterable[RenderableType]) -> None:
    """Print the parts one below the other."""
    console = _console()
    with console.capture() as captured:
        for part in parts:
            # A line that must not be broken, since people copy it, is a Text of its own.
            console.print(part, soft_wrap=isinstance(part, Text) and bool(part.no_wrap))
    text = captured.get()
    if not has_colour(sys.stdout):  # rich fills lines up: nobody wants that in a file or a message
        text = "".join(f"{line.rstrip()}\n" for line in text.splitlines())
    write(text)


def line(text: str, style: str = "") -> Text:
    """A line that is neither broken nor cut."""
    return Text(text, style=style, no_wrap=True, overflow="ignore")


def _console() -> Console:
    width = min(Console().width, WIDEST) if sys.stdout.isatty() else _PIPED
    return Console(
        width=width, no_color=not has_colour(sys.stdout), highlight=False, soft_wrap=False
    )
