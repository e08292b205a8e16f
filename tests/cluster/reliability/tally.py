"""What became of the pods of a load: counted, never sampled."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

CREATED = 201
_EXISTS = 409
_WEBHOOK = re.compile(r"failed calling webhook|admission webhook")


@dataclass(frozen=True, slots=True)
class Creation:
    """One pod's creation as its client saw it; times in seconds of the monotonic clock.

    `status` is the last answer's, 0 where none came at all. `unanswered` counts the attempts
    whose connection was refused or broke before an answer, `deferred` those that the API server
    told to come back later.
    """

    name: str
    began: float
    ended: float
    status: int
    message: str = ""
    warnings: tuple[str, ...] = ()
    unanswered: int = 0
    deferred: int = 0

    @property
    def succeeded(self) -> bool:
        """Whether the pod is there; "already exists" says so after an attempt without answer."""
        return self.status == CREATED or (self.status == _EXISTS and self.unanswered > 0)

    @property
    def failed_by_webhook(self) -> bool:
        """Whether the API server says that a webhook was the reason."""
        return not self.succeeded and _WEBHOOK.search(self.message) is not None

    @property
    def seconds(self) -> float:
        """From the first attempt to the last answer."""
        return self.ended - self.began


@dataclass(frozen=True, slots=True)
class Tally:
    """All creations of a load, and the names of the pods that were stored without injection."""

    creations: tuple[Creation, ...]
    stored: frozenset[str]
    uninstrumented: frozenset[str]

    @property
    def failed(self) -> tuple[Creation, ...]:
        """Creations that did not give a pod."""
        return tuple(one for one in self.creations if not one.succeeded)

    @property
    def missing(self) -> frozenset[str]:
        """Pods that a client was told are there and that are not."""
        return frozenset(one.name for one in self.creations if one.succeeded) - self.stored

    @property
    def warned(self) -> int:
        """Creations whose answer carried a warning."""
        return sum(bool(one.warnings) for one in self.creations)

    def bare(self) -> tuple[Creation, ...]:
        """The creations behind the pods without injection."""
        return tuple(one for one in self.creations if one.name in self.uninstrumented)

    def __str__(self) -> str:
        """Everything that was counted, for the message of an assertion that fails."""
        seconds = sorted(one.seconds for one in self.creations)
        unanswered = sum(one.unanswered for one in self.creations)
        deferred = sum(one.deferred for one in self.creations)
        p50, p99, longest = (_share(seconds, share) * 1000 for share in (0.5, 0.99, 1.0))
        lines = [
            f"{len(self.creations)} creations in {self._span():.1f} s",
            f"{len(self.failed)} failed, {len(self.missing)} missing",
            f"{len(self.uninstrumented)} without injection, {self.warned} with warnings",
            f"attempts: {unanswered} without an answer, {deferred} put off",
            f"latency: p50 {p50:.0f} ms, p99 {p99:.0f} ms, longest {longest:.0f} ms",
        ]
        lines += [f"{count} x {what}" for what, count in self._reasons().most_common(8)]
        return "\n".join(lines)

    def _span(self) -> float:
        return max(one.ended for one in self.creations) - min(one.began for one in self.creations)

    def _reasons(self) -> Counter[str]:
        """Messages of failures, names and ports left out: alike ones are counted together."""
        return Counter(
            f"{one.status} {re.sub(r'[0-9]+', 'N', one.message)[:300]}" for one in self.failed
        )


def _share(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
