import threading
from collections.abc import Sequence

import pytest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from nodeagent.spans.http import server_span
from nodeagent.spans.queue import Queue, Tally
from nodeagent.spans.span import Where
from tests.nodeagent.spans.requests import REQUEST
from tests.waiting import until

_SPAN = server_span(REQUEST, Where(Resource({}), 0))


class _Exporter(SpanExporter):
    """Keeps batches; where it has a gate, it waits there; where it has a fault, it fails."""

    def __init__(self, *, fault: Exception | bool = False, gate: bool = False) -> None:
        self.batches: list[int] = []
        self.closed = False
        self.entered = threading.Event()
        self.gate = threading.Event()
        self._fault = fault
        if not gate:
            self.gate.set()

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self.entered.set()
        self.gate.wait(30)
        if isinstance(self._fault, Exception):
            raise self._fault
        self.batches.append(len(spans))
        return SpanExportResult.FAILURE if self._fault else SpanExportResult.SUCCESS

    def shutdown(self) -> None:
        self.closed = True


def _fill(queue: Queue, count: int) -> None:
    for _ in range(count):
        queue.put(_SPAN)


def test_spans_are_sent_in_batches() -> None:
    """What comes is sent, at most a batch at a time, and counted."""
    exporter = _Exporter()
    queue = Queue(exporter, size=100, batch=10)
    _fill(queue, 25)
    queue.close()

    assert sum(exporter.batches) == 25
    assert max(exporter.batches) <= 10
    assert queue.tally == Tally(sent=25)
    assert exporter.closed


def test_a_single_span_does_not_wait_for_company() -> None:
    """Less than a batch is sent a second later, without anybody closing."""
    exporter = _Exporter()
    queue = Queue(exporter, batch=10)
    queue.put(_SPAN)

    until(lambda: exporter.batches, "the one span")

    queue.close()
    assert exporter.batches == [1]


def test_what_has_no_room_is_dropped_and_counted() -> None:
    """While a collector does not answer, the queue fills up to its size and not beyond."""
    exporter = _Exporter(gate=True)
    queue = Queue(exporter, size=20, batch=5)
    _fill(queue, 5)
    exporter.entered.wait(30)
    _fill(queue, 30)

    assert queue.tally == Tally(dropped=10)

    exporter.gate.set()
    queue.close()
    assert queue.tally == Tally(sent=25, dropped=10)


def test_a_refused_batch_is_counted_and_the_next_one_sent() -> None:
    """Whatever an exporter answers or raises, the thread goes on."""
    for fault in (True, RuntimeError("no")):
        exporter = _Exporter(fault=fault)
        queue = Queue(exporter, batch=5)
        _fill(queue, 10)
        queue.close()

        assert queue.tally == Tally(failed=10)


def test_what_comes_after_the_end_is_dropped() -> None:
    """A closed queue takes nothing."""
    queue = Queue(_Exporter())
    queue.close()
    queue.put(_SPAN)

    assert queue.tally == Tally(dropped=1)


def test_closing_does_not_wait_for_ever() -> None:
    """When the collector hangs, what is still queued is dropped."""
    exporter = _Exporter(gate=True)
    queue = Queue(exporter, batch=5)
    _fill(queue, 5)
    exporter.entered.wait(30)
    _fill(queue, 7)

    queue.close(seconds=0.01)

    assert queue.tally.dropped == 7
    exporter.gate.set()


def test_the_first_fault_of_a_row_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """With what it was; and again after something could be sent."""
    exporter = _Exporter()
    queue = Queue(exporter, batch=5)
    for fault in (RuntimeError("no"), RuntimeError("no"), False, RuntimeError("again")):
        exporter._fault = fault
        before = queue.tally
        _fill(queue, 5)
        until(lambda before=before: queue.tally != before, "the batch")  # type: ignore[misc]
    queue.close()

    said = [record.exc_info[1] for record in caplog.records if record.exc_info]
    assert [str(fault) for fault in said] == ["no", "again"]
