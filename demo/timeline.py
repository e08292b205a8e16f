"""A trace as lines of text: the tree, and where in time each span lies."""

from collections.abc import Iterator
from dataclasses import dataclass

from demo.spans import Span
from demo.traces import Trace

_EIGHTHS = " ▏▎▍▌▋▊▉█"


@dataclass(frozen=True, slots=True)
class Line:
    """One span's line: the branches before its name, and its bar."""

    span: Span
    branches: str
    bar: str


def lines(trace: Trace, width: int) -> Iterator[Line]:
    """A line for each span, parents before children."""
    walked = list(trace.walk())
    for index, (depth, span) in enumerate(walked):
        later = [other for other, _ in walked[index + 1 :]]
        yield Line(span, _branches(depth, later), bar(trace, span, width))


def bar(trace: Trace, span: Span, width: int) -> str:
    """The span's time within its trace's, in eighths of a character; never invisible."""
    scale = width * 8 / max(1, trace.duration)
    start = min(round((span.start - trace.start) * scale), width * 8 - 1)
    end = max(start + 1, min(round((span.end - trace.start) * scale), width * 8))
    return "".join(_cell(start, end, cell * 8) for cell in range(width)).rstrip()


def _cell(start: int, end: int, left: int) -> str:
    covered = min(end, left + 8) - max(start, left)
    if covered <= 0:
        return " "
    if covered == 8:  # noqa: PLR2004
        return "█"
    # A cell that the span begins in is filled from the right; there is a half block for that only.
    return _EIGHTHS[covered] if start <= left else "▐"


def _branches(depth: int, later: list[int]) -> str:
    """Branches in front of a span at `depth`, from the depths of the spans that follow it."""
    if depth == 0:
        return ""
    columns = ["│ " if _continues(later, level) else "  " for level in range(1, depth)]
    return "".join(columns) + ("├╴" if _continues(later, depth) else "└╴")


def _continues(later: list[int], level: int) -> bool:
    """Whether another span of this depth follows before the tree goes back above it."""
    return next((depth for depth in later if depth <= level), -1) == level
