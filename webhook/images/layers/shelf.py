"""A mapping that holds so much and no more, and the same whatever order things come in."""

from bisect import insort
from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Shelf(Generic[T]):
    """At most `size` values by path: those with `names` for their last part, then the shallowest.

    What is dropped when it is full would be dropped in any order: the first by rank stay.
    """

    def __init__(self, size: int, names: frozenset[str] = frozenset()) -> None:
        self._size = size
        self._names = names
        self._ranks: list[tuple[bool, int, str]] = []
        self._values: dict[str, T] = {}
        self.is_whole = True
        """Whether nothing was dropped."""

    def takes(self, path: str) -> bool:
        """Whether there is room for a path, or for it in the place of another."""
        if path in self._values or len(self._ranks) < self._size:
            return True
        self.is_whole = False
        return self._rank(path) < self._ranks[-1]

    def put(self, path: str, value: T) -> None:
        """Keep a value, unless there is no room for it."""
        if not self.takes(path):
            return
        if path not in self._values:
            if len(self._ranks) == self._size:
                del self._values[self._ranks.pop()[2]]
                self.is_whole = False
            insort(self._ranks, self._rank(path))
        self._values[path] = value

    def get(self, path: str) -> T | None:
        """The value of a path that was kept."""
        return self._values.get(path)

    def items(self) -> Iterator[tuple[str, T]]:
        """Paths and values, the first by rank first."""
        return ((path, self._values[path]) for _, _, path in self._ranks)

    def _rank(self, path: str) -> tuple[bool, int, str]:
        return path.rpartition("/")[2] not in self._names, path.count("/"), path
