"""What has to be right before the server is ready."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

Check = Callable[[], str | None]
"""None when all is well, else what is wrong."""


@dataclass(frozen=True, slots=True)
class Checks:
    """Named checks, in the order in which they are listed."""

    checks: Mapping[str, Check]

    def results(self) -> dict[str, str | None]:
        """Each check's name and what is wrong, None where nothing is."""
        return {name: check() for name, check in self.checks.items()}
