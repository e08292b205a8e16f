"""Between the probes and the collector: a bounded queue, sent in batches, every loss counted."""

import logging
import threading
from collections import deque
from dataclasses import dataclass

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

_log = logging.getLogger(__name__)

_LINGER = 1.0


@dataclass(slots=True)
class Tally:
    """Spans since the start: sent, dropped because the queue was full, refused by the collector."""

    sent: int = 0
    dropped: int = 0
    failed: int = 0


class Queue:
    """Sends spans with an exporter, on a thread of its own.

    The SDK's batch processor would do but for two things: it does not tell how many spans it drops,
    and it logs every one of them.
    """

    def __init__(self, exporter: SpanExporter, *, size: int = 32768, batch: int = 2048) -> None:
        self._exporter = exporter
        self._size = size
        self._batch = batch
        self._spans: deque[ReadableSpan] = deque()
        self._wake = threading.Condition()
        self._closed = False
        self._fails = False
        self._tally = Tally()
        self._thread = threading.Thread(target=self._work, name="export", daemon=True)
        self._thread.start()

    @property
    def tally(self) -> Tally:
        """What became of the spans so far."""
        with self._wake:
            return Tally(self._tally.sent, self._tally.dropped, self._tally.failed)

    def put(self, span: ReadableSpan) -> None:
        """Queue a span; when there is no room the newest is the one that is dropped."""
        with self._wake:
            if self._closed or len(self._spans) >= self._size:
                self._tally.dropped += 1
                return
            self._spans.append(span)
            if len(self._spans) in {1, self._batch}:
                self._wake.notify()

    def close(self, seconds: float = 10) -> None:
        """Send what is queued, for at most so long; what is left then is dropped."""
        with self._wake:
            self._closed = True
            self._wake.notify()
        self._thread.join(seconds)
        with self._wake:
            self._tally.dropped += len(self._spans)
            self._spans.clear()
        self._exporter.shutdown()

    def _work(self) -> None:
        while batch := self._next():
            sent = self._export(batch)
            with self._wake:
                if sent:
                    self._tally.sent += len(batch)
                else:
                    self._tally.failed += len(batch)

    def _export(self, batch: list[ReadableSpan]) -> bool:
        try:
            sent = self._exporter.export(batch) is SpanExportResult.SUCCESS
        except Exception:  # noqa: BLE001 - the thread must outlive whatever one batch meets
            if not self._fails:  # the first of a row: there may be one a second
                _log.exception("%d spans could not be sent", len(batch))
            self._fails = True
            return False
        self._fails = False
        return sent

    def _next(self) -> list[ReadableSpan]:
        """The next batch: a full one at once, a smaller one after a second; none at the end."""
        with self._wake:
            while not self._closed and not self._spans:
                self._wake.wait()
            self._wake.wait_for(lambda: self._closed or len(self._spans) >= self._batch, _LINGER)
            return [self._spans.popleft() for _ in range(min(len(self._spans), self._batch))]
