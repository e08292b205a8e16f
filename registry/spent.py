"""What a read costs: requests, and the bytes that came back."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Spent:
    """Requests sent (tokens and redirects too), and bytes received: heads and bodies."""

    requests: int = 0
    bytes: int = 0


class Counted(Protocol):
    """Something that bytes come in through."""

    @property
    def received(self) -> int:
        """Bytes until now."""


class Meter:
    """Counts what one read spends, what is still on its way in included."""

    def __init__(self) -> None:
        self._requests = 0
        self._bytes = 0
        self._open: list[Counted] = []

    @property
    def spent(self) -> Spent:
        """What was spent until now."""
        return Spent(self._requests, self._bytes + sum(one.received for one in self._open))

    def request(self) -> None:
        """Count a request that goes out."""
        self._requests += 1

    def open(self, answer: Counted) -> None:
        """Count what comes in from now on."""
        self._open.append(answer)

    def close(self, answer: Counted) -> None:
        """No more comes in."""
        self._open.remove(answer)
        self._bytes += answer.received

    def add(self, spent: Spent) -> None:
        """Count what somebody else spent on this read's behalf."""
        self._requests += spent.requests
        self._bytes += spent.bytes
