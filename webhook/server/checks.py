"""What has to be right before the server is ready, and what else is worth a line there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Check = Callable[[], str | None]
"""None when all is well, else what is wrong."""
Note = Callable[[], str]
"""What `/readyz?verbose` says behind the check of the same name."""


@dataclass(frozen=True, slots=True)
class Checks:
    """Named checks, in the order in which they are listed."""

    checks: Mapping[str, Check]
    notes: Mapping[str, Note] = field(default_factory=dict)

    def results(self) -> dict[str, str | None]:
        """Each check's name and what is wrong, None where nothing is."""
        return {name: check() for name, check in self.checks.items()}

    def described(self, results: Mapping[str, str | None]) -> dict[str, str]:
        """Results for a person: `ok`, or what is wrong, and the note where there is one."""
        return {name: self._described(name, wrong or "ok") for name, wrong in results.items()}

    def _described(self, name: str, result: str) -> str:
        note = self.notes.get(name)
        return f"{result}; {note()}" if note else result
