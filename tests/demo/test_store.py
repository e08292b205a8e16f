import threading

from demo.store import SpanStore
from tests.demo.shapes import span


def test_spans_are_kept() -> None:
    """What was added is there, trace by trace."""
    store = SpanStore()
    store.add([span("a"), span("b")])

    assert [one.id for one in store.spans()] == ["a", "b"]


def test_the_oldest_trace_goes_first() -> None:
    """The number of traces is bounded."""
    store = SpanStore(traces=2)
    store.add(span("s", trace=trace) for trace in ("1", "2", "3"))

    assert [one.trace for one in store.spans()] == ["2", "3"]
    assert len(store.settled(0)) == 2


def test_an_endless_trace_is_cut() -> None:
    """The number of spans in a trace is bounded too."""
    store = SpanStore(spans_per_trace=3)
    store.add(span(str(number)) for number in range(10))

    assert len(store.spans()) == 3


def test_waiting_ends_when_the_spans_satisfy() -> None:
    """Who waits is woken by what arrives in another thread."""
    store = SpanStore()
    sender = threading.Timer(0.05, store.add, [[span("a")]])
    sender.start()

    assert store.wait(bool, 10)
    sender.join()


def test_waiting_ends_at_its_limit() -> None:
    """Nothing came: false."""
    assert not SpanStore().wait(bool, 0.01)


def test_a_settled_trace_is_returned_once() -> None:
    """It comes back when a span was added to it again."""
    store = SpanStore()
    store.add([span("a")])

    assert [len(spans) for spans in store.settled(0)] == [1]
    assert store.settled(0) == []
    store.add([span("b")])
    assert store.settled(60) == []
    assert [len(spans) for spans in store.settled(0)] == [2]


def test_requests_are_counted_by_signal() -> None:
    """Metrics and logs are only counted."""
    store = SpanStore()
    store.count("metrics")
    store.count("metrics")

    assert store.counts() == {"metrics": 2}
