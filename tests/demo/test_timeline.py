import pytest

from demo.spans import Span
from demo.timeline import bar, lines
from demo.traces import trace_of
from tests.demo.shapes import span

_SPANS = [
    span("a", end=80),
    span("b", "a", start=0, end=40),
    span("c", "b", start=10, end=30),
    span("d", "a", start=40, end=80),
    span("e", "d", start=50, end=60),
]


def test_branches_draw_the_tree() -> None:
    """A vertical line leads from a span to its next sibling, and only there."""
    drawn = [line.branches + line.span.id for line in lines(trace_of(_SPANS), 8)]

    assert drawn == ["a", "├╴b", "│ └╴c", "└╴d", "  └╴e"]


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        pytest.param(_SPANS[0], "█" * 8, id="all of it"),
        pytest.param(_SPANS[1], "████", id="the first half"),
        pytest.param(_SPANS[3], "    ████", id="the second half"),
        pytest.param(span("x", start=0, end=5), "▌", id="half a cell"),
        pytest.param(span("x", start=15, end=20), " ▐", id="the right half of a cell"),
        pytest.param(span("x", start=0, end=0), "▏", id="never invisible"),
        pytest.param(span("x", start=80, end=80), "       ▐", id="not even at the end"),
        pytest.param(span("x", start=70, end=900), "       █", id="never outside"),
    ],
)
def test_bar(one: Span, expected: str) -> None:
    """A bar stands where its span lies in the trace, eight columns for 80 ns here."""
    assert bar(trace_of(_SPANS), one, 8) == expected
