"""A queue that serves its owners in turn: who brings much waits for itself alone."""

import threading
from collections import OrderedDict, deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Turns(Generic[T]):
    """Items by owner, so many of each and so many in all. Safe for use by several threads.

    Of one owner there is one item in work at a time: one that is never done stops no other owner.
    """

    def __init__(self, most: int = 4096, each: int = 256) -> None:
        self._most = most
        self._each = each
        self._waiting: OrderedDict[str, deque[T]] = OrderedDict()
        self._in_work: set[str] = set()
        self._count = 0
        self._closed = False
        self._changed = threading.Condition()

    def __len__(self) -> int:
        return self._count

    def put(self, owner: str, item: T) -> bool:
        """Queue an item; returns False where there is no room for it."""
        with self._changed:
            own = self._waiting.get(owner, ())
            if self._closed or self._count >= self._most or len(own) >= self._each:
                return False
            self._waiting.setdefault(owner, deque()).append(item)
            self._count += 1
            self._changed.notify()
            return True

    def get(self) -> tuple[str, T] | None:
        """The next owner and its oldest item, waited for; None when it is closed.

        Owners with an item in work are passed over until that is `done`.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._next() is not None)
            owner = self._next()
            if self._closed or owner is None:
                return None
            own = self._waiting.pop(owner)
            item = own.popleft()
            if own:
                self._waiting[owner] = own  # behind all others
            self._in_work.add(owner)
            self._count -= 1
            return owner, item

    def done(self, owner: str) -> None:
        """The item of this owner that was in work is no longer: its next one may be."""
        with self._changed:
            self._in_work.discard(owner)
            self._changed.notify()

    def close(self) -> None:
        """Let nobody wait any longer; what is queued is not served."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _next(self) -> str | None:
        # As many are passed over as there are threads, at most.
        return next((owner for owner in self._waiting if owner not in self._in_work), None)
