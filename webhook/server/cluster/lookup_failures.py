"""What registries could not tell is not asked for again at once: longer each time it fails."""

import math
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from webhook.model import Absence

_FIRST = 5.0
_LONGEST = 300.0
_MOST_ASKED = 3600.0
"""Seconds that a registry may have us wait: it may name any number."""
_MOST = 2_000


@dataclass(frozen=True, slots=True)
class _Failure:
    absence: Absence
    until: float
    tries: int


class Failures:
    """Why a question could not be answered, for a while; at most 2,000: then the oldest goes."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._failures: OrderedDict[Hashable, _Failure] = OrderedDict()

    def __len__(self) -> int:
        return len(self._failures)

    def recall(self, question: Hashable) -> Absence | None:
        """Why it could not be answered lately; None where it may be asked again."""
        failure = self._failures.get(question)
        if failure is None or failure.until <= self._clock():
            return None
        return failure.absence

    def note(self, question: Hashable, absence: Absence, retry_after: float = 0.0) -> None:
        """It failed; `retry_after`: seconds for which the registry does not want to be asked."""
        now = self._clock()
        before = self._failures.pop(question, None)
        # After a long time without a question it says nothing any more how long it lasted then.
        tries = before.tries if before is not None and now < before.until + _LONGEST else 0
        wait = min(_FIRST * 2.0 ** min(tries, 16), _LONGEST)
        if math.isfinite(retry_after):
            wait = max(wait, min(retry_after, _MOST_ASKED))
        self._failures[question] = _Failure(absence, now + wait, tries + 1)
        if len(self._failures) > _MOST:
            self._failures.popitem(last=False)

    def forget(self, question: Hashable) -> None:
        """It was answered."""
        self._failures.pop(question, None)
