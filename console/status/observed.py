"""What node agents saw run, as the webhook knows it.

An object that cannot be understood counts for nothing, as it does there.
"""

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from console.status import documents
from console.status.agents import Machine, NodeAgents, Untraced
from console.status.machines import machine, worst_first
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
    """What was seen run, which Go containers are not traced, and what nodes allow."""

    seen: dict[Key, Observed] = field(default_factory=dict)
    untraced: list[Untraced] = field(default_factory=list)
    machines: list[Machine] = field(default_factory=list)

    def told(self, namespaces: Collection[str]) -> NodeAgents:
        """What nodes' agents say: of containers in some namespaces, in all where none is named."""
        every = not namespaces
        untraced = (one for one in self.untraced if every or one.namespace in namespaces)
        return NodeAgents(untraced=tuple(untraced), machines=worst_first(self.machines))


async def gather(client: Client, now: datetime) -> tuple[Ran, Unread | None]:
    """Everything, and what kept it from being read; nothing where the kind is not installed.

    What nodes said counts where that was lately. Raises Unreachable, and ApiError for credentials
    that nobody knows.
    """

    async def everything() -> Ran:
        found = Ran()
        async for page in pages(client, PATH):
            for one in page:
                with suppress(ValueError):
                    found.seen.update(read(one))
                    found.untraced.extend(untraced(one))
                    found.machines.extend(machine(one, now))
        return found

    try:
        return await begun_anew(everything), None
    except (ApiError, Unreachable) as error:
        if isinstance(error, ApiError) and error.not_found:
            return Ran(), None
        return Ran(), refused("pods", documents.OBSERVED, error)
