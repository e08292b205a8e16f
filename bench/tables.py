"""Tables of figures: rows for the terminal and for a page in Markdown."""

from collections.abc import Sequence
from pathlib import Path

Row = tuple[str, ...]
Titled = tuple[str, Sequence[Row]]
"""A sentence that says what follows, and the rows, the first of them the header."""


class PageError(Exception):
    """The page has no place for figures."""


def write(text: str, page: Path, part: str) -> None:
    """Put a text between the page's markers for `part`. Raises PageError where it has none."""
    begin, end = f"<!-- {part}: begin -->", f"<!-- {part}: end -->"
    before, start, rest = page.read_text(encoding="utf-8").partition(begin)
    _, stop, after = rest.partition(end)
    if not start or not stop:
        raise PageError(f"{page}: no lines {begin} and {end}")
    page.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}", encoding="utf-8")


def markdown(preamble: str, tables: Sequence[Titled]) -> str:
    """Paragraphs and tables."""
    return "\n\n".join([preamble, *(f"{title}:\n\n{_table(rows)}" for title, rows in tables)])


def _table(rows: Sequence[Row]) -> str:
    header, *body = rows
    lines = [header, tuple("---" for _ in header), *body]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def kilobytes(size: int) -> str:
    """As in `10.9 KB`."""
    return f"{size / 1000:.1f} KB"


def megabytes(size: int) -> str:
    """As in `61 MB`."""
    return f"{size / 1e6:.0f} MB"


def milliseconds(seconds: float) -> str:
    """As in `0.19 ms`."""
    return f"{seconds * 1000:.2f} ms"
