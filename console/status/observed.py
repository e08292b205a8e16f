"""What node agents saw run, as the webhook knows it.

An object that cannot be understood counts for nothing, as it does there.
"""

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from console.status import documents
from console.status.agents import Untraced
from console.status.model import Unread
from console.status.nodes import untraced
from console.status.requests import pages, refused
from kube.client import Client
from kube.errors import ApiError, Unreachable
from kube.pages import begun_anew
from kube.paths import path
from webhook.observed import Key, Observed, read

Seen = Mapping[Key, Observed]
"""What ran where, as `webhook.model.Facts` has it."""

PATH = path("spanhook.dev/v1alpha1", "instrumentedapplications")


@dataclass(frozen=True, slots=True)
class Ran:
    """What was seen run, and which Go containers are not traced."""

    seen: dict[Key, Observed] = field(default_factory=dict)
    untraced: list[Untraced] = field(default_factory=list)

    def untraced_in(self, namespaces: Collection[str]) -> tuple[Untraced, ...]:
        """Those of some namespaces; all where none is named."""
        every = not namespaces
        return tuple(one for one in self.untraced if every or one.namespace in namespaces)


async def gather(client: Client) -> tuple[Ran, Unread | None]:
    """Everything, and what kept it from being read; nothing where the kind is not installed.

    Raises Unreachable, and ApiError for credentials that nobody knows.
    """

    async def everything() -> Ran:
        found = Ran()
        async for page in pages(client, PATH):
            for one in page:
                with suppress(ValueError):
                    found.seen.update(read(one))
                    found.untraced.extend(untraced(one))
        return found

    try:
        return await begun_anew(everything), None
    except (ApiError, Unreachable) as error:
        if isinstance(error, ApiError) and error.not_found:
            return Ran(), None
        return Ran(), refused("pods", documents.OBSERVED, error)
