"""One layer as it comes from the registry: its entries, within a budget."""

import asyncio
from typing import Final

from registry.answer import Answer
from registry.archive import Archive, Entry
from registry.compression import MARK_BYTES, Reader, reader
from registry.digests import Verifier
from registry.errors import BudgetSpent, Malformed, TimedOut, TooLarge
from registry.limits import Budget
from registry.model import Descriptor
from registry.spent import Spent

_REST: Final = 1 << 20  # behind the archive's end: padding, an index of eStargz or zstd:chunked
_RATIO_FROM: Final = 16 << 20  # small archives of large empty files are common in tests of images


class Layer:
    """Asynchronously iterable: the entries of the layer's archive in order.

    Ends after the last one; raises BudgetSpent, TimedOut (both leave what was read until then
    sound), Malformed, TooLarge, DigestMismatch, Unreachable. The digest holds for the whole: only
    a layer that was read to its end is `verified`.
    """

    def __init__(
        self, answer: Answer, descriptor: Descriptor, budget: Budget, until: float, spent: Spent
    ) -> None:
        self._answer = answer
        self._what = f"the layer {descriptor.digest}"
        self._size = descriptor.size
        self._budget = budget
        self._until = until
        self._before = Spent(spent.requests, spent.bytes - answer.received)
        self._verifier = Verifier(descriptor.digest)
        self._reader: Reader | None = None
        self._archive = Archive(self._read, budget.entries)
        self.compressed = 0
        self.uncompressed = 0
        self.verified = False

    @property
    def spent(self) -> Spent:
        """Requests and bytes until now, those on their way in included."""
        return Spent(self._before.requests, self._before.bytes + self._answer.received)

    @property
    def skipped(self) -> int:
        """Entries passed over because no file system could hold them where they want to be."""
        return self._archive.skipped

    def __aiter__(self) -> "Layer":
        return self

    async def __anext__(self) -> Entry:
        entry = await self._archive.next()
        if entry is None:
            await self._finish()
            raise StopAsyncIteration
        return entry

    async def head(self, size: int) -> bytes:
        """The first bytes of the entry that came last; see `Archive.head`."""
        return await self._archive.head(size)

    def close(self) -> None:
        """Let go of what is large; the archive and we refer to each other, so that we stay a while.

        A reader of zstd holds up to 32 MiB, the beginning of a file is up to 8 MiB.
        """
        self._reader = None
        self._archive.close()

    async def _read(self) -> bytes:
        """The next piece of the archive; b"" at the end."""
        while True:
            if self._reader is not None and (piece := self._reader.read()):
                await self._count(len(piece))
                return piece
            data = await self._fetch()
            if self._reader is None:
                while len(data) < MARK_BYTES and (more := await self._fetch()):
                    data += more
                self._reader = reader(data)
            if not data:
                if not self._reader.is_complete:
                    raise Malformed(f"{self._what} breaks off")
                return b""
            self._reader.feed(data)

    async def _count(self, size: int) -> None:
        self.uncompressed += size
        if self.uncompressed > self._budget.uncompressed:
            raise BudgetSpent(f"{self._what} unpacks to over {self._budget.uncompressed} bytes")
        if self.uncompressed > max(_RATIO_FROM, self._budget.ratio * self.compressed):
            raise TooLarge(f"{self._what} unpacks to over {self._budget.ratio} times its size")
        await asyncio.sleep(0)  # data that is here already would keep everybody else waiting
        if asyncio.get_running_loop().time() > self._until:
            raise TimedOut(f"{self._what} takes longer than the time that it was given")

    async def _fetch(self) -> bytes:
        """The next compressed piece; b"" at the end."""
        try:
            async with asyncio.timeout_at(self._until):
                data = await self._answer.chunk()
        except TimeoutError:
            raise TimedOut(f"{self._what} did not come within the time that it was given") from None
        self.compressed += len(data)
        if self.compressed > self._size:
            raise TooLarge(f"{self._what} is longer than the {self._size} bytes it should have")
        if self.compressed > self._budget.compressed:
            raise BudgetSpent(f"{self._what} has over {self._budget.compressed} bytes")
        self._verifier.update(data)
        return data

    async def _finish(self) -> None:
        """Verify the whole where little of it is left."""
        if self.verified or self._size - self.compressed > _REST:
            return
        while await self._fetch():
            pass
        self._verifier.verify(self._what)
        self.verified = True
