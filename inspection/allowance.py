"""What one look into an image's layers may cost, and what it means when that is used up."""

from dataclasses import dataclass
from typing import Literal

from inspection.budget import HourlyBudget
from registry.errors import BudgetSpent, RegistryError, TimedOut
from registry.limits import Budget
from webhook.settings import ImageInspectionSettings


@dataclass(frozen=True, slots=True)
class Ended:
    """How a look ended: layers were read as far as was wanted, or why they were not.

    Of `budget` with the bytes and seconds that there were.
    """

    how: Literal["read", "budget", "failed"] = "read"
    message: str = ""
    bytes: int = 0
    seconds: float = 0.0


class Allowance:
    """Bytes (compressed) and seconds of one image, and what is left of the hour for all images.

    Times are of the event loop's clock; `began` and `deadline` are the caller's. A look that has
    less of this hour than it would have of another one has failed when that is used up.
    """

    def __init__(
        self, settings: ImageInspectionSettings, hour: HourlyBudget, began: float, deadline: float
    ) -> None:
        self._settings = settings
        self._hour = hour
        self._left = settings.layer_bytes_per_image
        self._whole = min(self._left, settings.layer_bytes_per_hour)
        self._is_short = hour.left(began) < self._whole
        self._until = began + settings.layer_seconds_per_image
        self.deadline = min(deadline, self._until)

    def budget(self, now: float) -> Budget:
        """What may be spent on the next layer. Raises BudgetSpent where nothing is left."""
        if self._left <= 0:
            raise BudgetSpent(f"{_mebibytes(self._settings.layer_bytes_per_image)} were read")
        hour = self._hour.left(now)
        if hour <= 0:
            raise BudgetSpent(self._hour_is_up())
        return Budget(compressed=min(self._left, hour), seconds=self.deadline - now)

    def spend(self, size: int, now: float) -> None:
        """Count bytes that were read of a layer."""
        self._left -= size
        self._hour.spend(size, now)

    def ended(self, error: RegistryError, now: float) -> Ended:
        """What a fault means: our own bounds, or the registry's failure."""
        if isinstance(error, BudgetSpent) and self._is_short:
            return Ended("failed", f"{self._hour_is_up()}; they are read on later")
        if isinstance(error, BudgetSpent):
            return self._all(error.args[0])
        if isinstance(error, TimedOut) and now >= self._until:
            seconds = self._settings.layer_seconds_per_image
            return self._all(f"{seconds:g} seconds are up")
        return Ended("failed", str(error))

    def _all(self, what: str) -> Ended:
        """All was taken that there is."""
        message = f"{what}, and imageInspection allows no more"
        return Ended("budget", message, self._whole, self._settings.layer_seconds_per_image)

    def _hour_is_up(self) -> str:
        limit = _mebibytes(self._settings.layer_bytes_per_hour)
        return f"{limit} of layers were read within an hour"


def _mebibytes(size: int) -> str:
    return f"{size / (1 << 20):.0f} MiB"
