from hypothesis import given
from hypothesis import strategies as st

from demo.spans import Span
from demo.traces import first_ends, is_probe, summaries, trace_of, traces_of
from tests.demo.shapes import checkout, span


def test_a_tree_is_walked_parents_first_and_siblings_by_start() -> None:
    """Depth and order do not depend on the order of arrival."""
    spans = [span("c", "a", start=5), span("b", "a", start=1), span("d", "b", start=2), span("a")]

    walked = [(depth, one.id) for depth, one in trace_of(spans).walk()]

    assert walked == [(0, "a"), (1, "b"), (2, "d"), (1, "c")]


def test_a_parent_that_never_came_leaves_a_dangling_root() -> None:
    """The span is still shown, and it is known that something is missing above it."""
    trace = trace_of([span("a"), span("x", "gone", start=1)])

    assert [root.id for root in trace.roots] == ["a", "x"]
    assert [one.id for one in trace.dangling] == ["x"]


def test_a_span_that_was_sent_twice_counts_once() -> None:
    """An exporter repeats a batch whose answer it did not hear."""
    assert len(trace_of([span("a"), span("a")]).spans) == 1


def test_ancestors() -> None:
    """From the parent to the root."""
    trace = trace_of(checkout())

    assert [one.id for one in trace.ancestors(trace.spans[-1])] == ["6", "5", "4", "3", "2", "1"]


def test_start_duration_and_services() -> None:
    """They are those of all spans together."""
    trace = trace_of(checkout())

    assert (trace.start, trace.duration) == (0, 100)
    assert trace.services == {"storefront", "cart", "prices"}


def test_traces_are_told_apart_and_ordered() -> None:
    """By their identifiers, the earliest first."""
    spans = [
        span("a", trace="late", start=9),
        span("b", trace="early"),
        span("c", trace="late", start=9),
    ]

    assert [len(trace.spans) for trace in traces_of(spans)] == [1, 2]


def test_summaries() -> None:
    """Spans and errors of each service; the median is that of its server spans where it has any."""
    spans = [
        span("1", kind="server", end=10),
        span("2", kind="server", end=30, status="error"),
        span("3", kind="client", end=1000),
        span("4", service="cart", end=7),
    ]

    found = [(row.service, row.spans, row.errors, row.median) for row in summaries(spans)]

    assert found == [("cart", 1, 0, 7), ("storefront", 3, 1, 20)]


def test_first_ends() -> None:
    """The end of the earliest span of each service."""
    assert first_ends([span("1", end=9), span("2", end=4)]) == {"storefront": 4}


def test_a_readiness_probe_is_told_from_a_visit() -> None:
    """By the path of its root."""
    probe = Span("t", "1", "", "cart", "GET", "server", 0, 1, "unset", {"http.target": "/healthz"})

    assert is_probe(trace_of([probe]))
    assert not is_probe(trace_of(checkout()))


_IDS = st.sampled_from("abcdef")


@given(st.lists(st.builds(span, _IDS, st.one_of(st.just(""), _IDS)), min_size=1))
def test_every_span_is_reached_from_the_roots_unless_it_is_in_a_circle(spans: list[Span]) -> None:
    """Whatever arrives, the walk ends and shows no span twice."""
    trace = trace_of(spans)
    walked = [one.id for _, one in trace.walk()]

    assert len(walked) == len(set(walked))
    for one in trace.spans:
        above = [one, *trace.ancestors(one)]
        if above[-1] in trace.roots:
            assert one.id in walked
