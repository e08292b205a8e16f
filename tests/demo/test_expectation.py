from collections.abc import Callable
from dataclasses import replace

import pytest

from demo.expectation import keeps, missing
from demo.spans import Span
from demo.traces import trace_of
from tests.demo.shapes import checkout, span

Change = Callable[[list[Span]], list[Span]]


def _without(*ids: str) -> Change:
    return lambda spans: [one for one in spans if one.id not in ids]


def _with_parent(span_id: str, parent: str) -> Change:
    return lambda spans: [
        replace(one, parent=parent) if one.id == span_id else one for one in spans
    ]


def test_the_promised_trace() -> None:
    """Server and client spans of all three follow from one another."""
    assert missing([trace_of(checkout())]) == []
    assert keeps(trace_of(checkout()))


def test_a_callee_may_call_on() -> None:
    """More spans than the promised ones do no harm."""
    more = [*checkout(), span("8", "7", service="prices", kind="client")]

    assert keeps(trace_of(more))


def test_nothing_arrived() -> None:
    """Then this is what is said."""
    assert missing([]) == ["no trace arrived"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param(_without("7"), ["there is no prices server span"], id="Java is missing"),
        pytest.param(
            _without("4", "5", "6"),
            ["there is no cart server span", "there is no cart client span"],
            id="Python is missing",
        ),
        pytest.param(
            _with_parent("7", "3"),
            ["no prices server span has a cart client span as its parent"],
            id="another parent",
        ),
        pytest.param(
            _with_parent("4", "2"),
            ["no cart server span has a storefront client span as its parent"],
            id="an internal span of the caller in between",
        ),
        pytest.param(
            _with_parent("4", ""),
            [
                "no cart server span has a storefront client span as its parent",
                "the trace has 2 roots",
            ],
            id="context did not travel",
        ),
        pytest.param(
            _with_parent("1", "gone"),
            ["storefront: the parent of span 1 never came"],
            id="dangling",
        ),
        pytest.param(
            lambda spans: [
                span("0", service="cart"),
                *_with_parent("1", "0")(spans),
            ],
            ["the trace begins with cart internal"],
            id="another root",
        ),
    ],
)
def test_what_is_missing_is_said(change: Change, expected: list[str]) -> None:
    """Each fault has its sentence."""
    trace = trace_of(change(checkout()))

    assert missing([trace]) == expected
    assert not keeps(trace)


def test_hops_that_do_not_follow_from_one_another() -> None:
    """Every pair may be there without there being one chain."""
    other = [
        span("10", "2", kind="client"),
        span("11", "10", service="cart", kind="server"),
        span("12", "99", service="cart", kind="client"),
        span("13", "12", service="prices", kind="server"),
    ]
    spans = [one for one in checkout() if one.id != "7"]
    spans = [replace(one, parent="1") if one.id == "6" else one for one in spans] + other

    assert "no cart client span has a cart server span as its parent" in missing([trace_of(spans)])


def test_the_sentences_are_about_the_closest_trace() -> None:
    """One broken trace among others is what people want to hear about."""
    far = trace_of([span("1", trace="far", kind="server")])
    near = trace_of(_without("7")(checkout()))

    assert missing([far, near]) == ["there is no prices server span"]
    assert missing([far, trace_of(checkout())]) == []
