"""The tables in the docstrings of modules, so that a test can say that it has the same rows."""

import re
from types import ModuleType

_RULE = re.compile(r" *-{3,}(?:  +-{3,})*")


def rows(module: ModuleType) -> list[tuple[str, ...]]:
    """The cells of the table in a module's docstring, row by row, without its head.

    A line goes on with the row above it where its first cell is empty, or the one above ends in a
    comma.
    """
    lines = iter((module.__doc__ or "").splitlines())
    rule = next(line for line in lines if _RULE.fullmatch(line))
    starts = [match.start() for match in re.finditer(r"-+", rule)]
    ends = [*starts[1:], None]
    found: list[tuple[str, ...]] = []
    for line in iter(lambda: next(lines, ""), ""):
        cells = tuple(line[start:end].strip() for start, end in zip(starts, ends, strict=True))
        if found and (not cells[0] or found[-1][0].endswith(",")):
            cells = tuple(f"{a} {b}".strip() for a, b in zip(found.pop(), cells, strict=True))
        found.append(cells)
    return found
