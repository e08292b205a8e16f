"""What look-ups are counted by: each look-up once, and each image that a review waited for."""

import traceback
from collections.abc import Callable

from webhook.server.logs import Log
from webhook.server.telemetry import Telemetry

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Counts:
    """Counters of look-ups. Outcomes are `learnt`, `refreshed`, `bug`, or a registry fault's word.

    An image that a review waited for was there `in_time`, or `late`, or there was `no_room` to ask,
    `nobody` to ask, asking `failed`, or had failed lately, which was `remembered`.
    """

    def __init__(self, log: Log, telemetry: Telemetry) -> None:
        self._log = log
        self._telemetry = telemetry
        self._lookups = telemetry.counter(
            "image_lookups", "Images asked for at registries, by what came of it.", "outcome"
        )
        self._waits = telemetry.counter(
            "image_waits", "Images that reviews waited for, by what came of it.", "outcome"
        )
        self._seconds = telemetry.histogram(
            "image_lookup_duration_seconds", "How long look-ups took, to their ends.", _SECONDS
        )
        self._requests = telemetry.counter(
            "image_lookup_requests", "Requests that look-ups sent to registries."
        )
        self._bytes = telemetry.counter(
            "image_lookup_bytes", "Bytes that registries answered to look-ups."
        )

    def lookup(self, outcome: str, seconds: float, requests: int, size: int) -> None:
        """A look-up came to its end; `size`: bytes that came."""
        self._lookups.labels(outcome).inc()
        self._seconds.observe(seconds)
        self._requests.inc(requests)
        self._bytes.inc(size)

    def wait(self, outcome: str) -> None:
        """An image that a review waited for."""
        self._waits.labels(outcome).inc()

    def waiting(self, number: Callable[[], float]) -> None:
        """Have it told how many reviews wait now."""
        self._telemetry.watch("image_waiting", "Reviews that wait for registries now.", number)

    def bug(self, reference: str, error: Exception) -> None:
        """A look-up failed by a bug."""
        trace = "".join(traceback.format_exception(error))
        self._log.event("error", "image look-up failed", image=reference, traceback=trace)
