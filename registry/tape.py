"""A stream that is read by counts of bytes."""

from collections.abc import Awaitable, Callable


class Tape:
    """Bytes from a source, which gives b"" at its end; one piece of it is held at a time."""

    def __init__(self, source: Callable[[], Awaitable[bytes]]) -> None:
        self._source = source
        self._piece = b""
        self._at = 0

    async def take(self, size: int) -> bytes:
        """The next `size` bytes; fewer at the end."""
        part = self._piece[self._at : self._at + size]
        self._at += len(part)
        if len(part) == size:
            return part
        taken = bytearray(part)
        while len(taken) < size and await self._advance():
            part = self._piece[: size - len(taken)]
            self._at = len(part)
            taken += part
        return bytes(taken)

    async def skip(self, size: int) -> int:
        """Pass over `size` bytes; returns how many there were."""
        passed = min(size, len(self._piece) - self._at)
        self._at += passed
        while passed < size and await self._advance():
            self._at = min(size - passed, len(self._piece))
            passed += self._at
        return passed

    async def _advance(self) -> bool:
        self._piece, self._at = await self._source(), 0
        return bool(self._piece)
