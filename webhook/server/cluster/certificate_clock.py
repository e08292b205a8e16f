"""What time it is: by our clock, and by the API server's as its answers tell it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import monotonic

from certs.holdings import Time


class Clock:
    """Both clocks. The API server's runs on with our steady one between two answers."""

    def __init__(
        self,
        own: Callable[[], datetime] = lambda: datetime.now(UTC),
        steady: Callable[[], float] = monotonic,
    ) -> None:
        self._own = own
        self._steady = steady
        self._heard: tuple[datetime, float] | None = None

    def hear(self, moment: datetime | None) -> None:
        """It is `moment` now at the API server, who tells whole seconds."""
        if moment is not None:
            self._heard = (moment, self._steady())

    def now(self) -> Time:
        """The span within which the time is."""
        own = self._own()
        if self._heard is None:
            return Time(own, own)
        moment, then = self._heard
        theirs = moment + timedelta(seconds=self._steady() - then)
        return Time(min(own, theirs), max(own, theirs))

    @property
    def skew(self) -> timedelta:
        """How far the clocks are apart."""
        time = self.now()
        return time.latest - time.earliest
