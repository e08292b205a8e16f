"""What the receiver keeps: the newest spans and how much else arrived, within bounds."""

import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable

from demo.spans import Span


class SpanStore:
    """Spans by trace, for many threads. When it is full, the trace that is oldest goes."""

    def __init__(self, traces: int = 500, spans_per_trace: int = 1000) -> None:
        self._traces = traces
        self._spans_per_trace = spans_per_trace
        self._spans: OrderedDict[str, list[Span]] = OrderedDict()
        self._touched: dict[str, float] = {}
        self._counts: Counter[str] = Counter()
        self._changed = threading.Condition()

    def add(self, spans: Iterable[Span]) -> None:
        """Keep these spans and wake who waits."""
        with self._changed:
            for span in spans:
                self._keep(span)
            self._changed.notify_all()

    def count(self, signal: str) -> None:
        """One more request of this signal arrived."""
        with self._changed:
            self._counts[signal] += 1

    def counts(self) -> dict[str, int]:
        """Requests by signal so far."""
        with self._changed:
            return dict(self._counts)

    def spans(self) -> list[Span]:
        """All spans that are kept, the oldest trace first."""
        with self._changed:
            return self._all()

    def settled(self, quiet: float) -> list[list[Span]]:
        """Traces that no span was added to for `quiet` seconds; each is returned once."""
        with self._changed:
            limit = time.monotonic() - quiet
            ripe = [trace for trace, touched in self._touched.items() if touched <= limit]
            for trace in ripe:
                del self._touched[trace]
            return [list(self._spans[trace]) for trace in ripe]

    def wait(self, satisfied: Callable[[list[Span]], bool], seconds: float) -> bool:
        """Wait until the spans satisfy, at most this long; whether they do."""
        with self._changed:
            return self._changed.wait_for(lambda: satisfied(self._all()), seconds)

    def wait_quiet(self, quiet: float, limit: float) -> None:
        """Wait until nothing came for `quiet` seconds, at most `limit` seconds."""
        end = time.monotonic() + limit
        with self._changed:
            while self._changed.wait(quiet) and time.monotonic() < end:
                pass

    def _all(self) -> list[Span]:
        return [span for spans in self._spans.values() for span in spans]

    def _keep(self, span: Span) -> None:
        if span.trace not in self._spans and len(self._spans) >= self._traces:
            oldest, _ = self._spans.popitem(last=False)
            self._touched.pop(oldest, None)
        self._touched[span.trace] = time.monotonic()
        kept = self._spans.setdefault(span.trace, [])
        if len(kept) < self._spans_per_trace:
            kept.append(span)
