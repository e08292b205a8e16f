"""What the server counts. Children are bound once: a look-up by labels costs more than counting."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from webhook.model import Decided, Decision, Inject
from webhook.server.reviewer import Answer
from webhook.settings import VERSION

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST.encode()

_SECONDS = (0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 3.0)
"""From the time of a usual review up to the API server's timeout."""
_BYTES = (0, 512, 1024, 2048, 4096, 8192, 16384, 65536)
_OUTCOMES = ("patched", "unchanged", "failed", "rejected")
_OK = int(HTTPStatus.OK)
_PATCH = b'"patch":"'

_Labels = tuple[str, str, str]


class Telemetry:
    """Counters of one server, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry(auto_describe=False)
        requests = self.counter(
            "admission_requests", "Reviews answered, by what came out.", "outcome"
        )
        self._requests = {outcome: requests.labels(outcome) for outcome in _OUTCOMES}
        self._decisions = self.counter(
            "decisions", "Decisions about containers.", "decision", "language", "reason"
        )
        self._bound: dict[_Labels, Counter] = {}
        self._rejected = self.counter(
            "admission_rejected", "Requests refused before they were read.", "why"
        )
        self._seconds = self.histogram(
            "admission_duration_seconds", "From a body to its answer.", _SECONDS
        )
        self._patch = self.histogram(
            "patch_size_bytes", "Size of the JSON Patch, 0 where there is none.", _BYTES
        )
        self.in_flight = self.gauge("admission_in_flight", "Reviews in progress.")
        self._expiry = self.gauge(
            "certificate_expiry_timestamp_seconds", "When the served certificate expires."
        )
        self._reloads = self.counter(
            "certificate_reloads", "Certificates taken up while running.", "outcome"
        )
        build = Gauge(
            "spanhook_build_info", "The version that runs.", ["version"], registry=self.registry
        )
        build.labels(VERSION).set(1)
        ProcessCollector(registry=self.registry)

    def reviewed(self, answer: Answer, seconds: float) -> None:
        """Count a review that was answered after `seconds`."""
        size = patch_bytes(answer.body)
        self._requests[_outcome(answer, size)].inc()
        self._seconds.observe(seconds)
        if answer.outcome is None:
            return
        self._patch.observe(size)
        for decided in answer.outcome.decisions:
            self._decision(decided).inc()

    def rejected(self, why: str) -> None:
        """Count a request that was turned away."""
        self._rejected.labels(why).inc()

    def certificate(self, expires: datetime, *, loaded: bool = True) -> None:
        """Note the certificate that is served now, and whether taking up a newer one worked."""
        self._expiry.set(expires.timestamp())
        self._reloads.labels("loaded" if loaded else "failed").inc()

    def watch(self, name: str, help_text: str, value: Callable[[], float]) -> None:
        """A gauge whose value is read when the metrics are."""
        self.gauge(name, help_text).set_function(value)

    def exposition(self) -> bytes:
        """All metrics in the Prometheus text format."""
        return generate_latest(self.registry)

    def counter(self, name: str, help_text: str, *labels: str) -> Counter:
        """A counter of the server's; `spanhook_` goes before its name, `_total` behind it."""
        return Counter(f"spanhook_{name}", help_text, labels, registry=self.registry)

    def gauge(self, name: str, help_text: str, *labels: str) -> Gauge:
        """A gauge of the server's; `spanhook_` goes before its name."""
        return Gauge(f"spanhook_{name}", help_text, labels, registry=self.registry)

    def _decision(self, decided: Decided) -> Counter:
        labels = _labels(decided.decision)
        bound = self._bound.get(labels)
        if bound is None:
            bound = self._bound[labels] = self._decisions.labels(*labels)
        return bound

    def histogram(self, name: str, help_text: str, buckets: tuple[float, ...]) -> Histogram:
        """A histogram of the server's; `spanhook_` goes before its name."""
        return Histogram(f"spanhook_{name}", help_text, registry=self.registry, buckets=buckets)


def patch_bytes(body: bytes) -> int:
    """The size in bytes of the JSON Patch inside an answer, 0 where it has none.

    Read off the base64 text: the patch was encoded once already, only its length is wanted.
    """
    start = body.find(_PATCH)
    if start < 0:
        return 0
    start += len(_PATCH)
    end = body.index(b'"', start)
    padding = body.count(b"=", end - 2, end)
    return (end - start) // 4 * 3 - padding


def _outcome(answer: Answer, size: int) -> str:
    if answer.status != _OK:
        return "rejected"
    if answer.failure is not None:
        return "failed"
    return "patched" if size else "unchanged"


def _labels(decision: Decision) -> _Labels:
    if isinstance(decision, Inject):
        return "inject", decision.language, ""
    return "skip", decision.language or "", decision.reason.value
