"""Notes in profiles that they are used, and deletes those that nobody uses any more."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from kube.client import Object
from kube.errors import ApiError, KubeError
from webhook.images import profile as profiles
from webhook.server.cluster.profiler.garbage import Garbage, Verdict
from webhook.server.cluster.profiler.notices import Notices
from webhook.server.cluster.profiler.shelf import Held
from webhook.server.cluster.profiles import PATH


class Profiles(Protocol):
    """What is asked of `kube.client.Client`."""

    async def merge(self, path: str, body: Object, **query: str) -> dict[str, Any]:
        """JSON merge patch."""
        ...

    async def delete(self, path: str, **query: str) -> dict[str, Any]:
        """Delete an object."""
        ...


@dataclass(slots=True)
class Tidying:
    """Goes over the profiles when it is told to. Times are seconds since 1970."""

    client: Profiles
    garbage: Garbage
    notices: Notices
    is_leader: Callable[[], bool]

    async def tidy(
        self, shelf: Iterable[Held], used: frozenset[str], now: float, keep: float
    ) -> None:
        """`used`: digests that anything uses; `keep`: seconds for which an unused one is kept."""
        verdict = self.garbage.look(shelf, used, now, keep)
        deleted: list[str] = []
        try:
            await self._carry_out(verdict, now, deleted)
        except KubeError as error:
            self.notices.said("profiles cannot be tidied up", "warning", error=str(error))
        self.notices.collected(tuple(deleted))

    async def _carry_out(self, verdict: Verdict, now: float, deleted: list[str]) -> None:
        """Add to `deleted` what was. Raises KubeError."""
        moment = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        for digest in verdict.note:
            if self.is_leader():
                change = {"status": {"lastUsed": moment}}
                await _there(self.client.merge(_path(digest), change))
        for digest in verdict.delete:
            if not self.is_leader():
                return
            if await _there(self.client.delete(_path(digest))):
                deleted.append(profiles.name(digest))


def _path(digest: str) -> str:
    return f"{PATH}/{profiles.name(digest)}"


async def _there(asking: Awaitable[object]) -> bool:
    """Whether what was asked about is there. Raises KubeError for anything else."""
    try:
        await asking
    except ApiError as error:
        if error.not_found:
            return False
        raise
    return True
