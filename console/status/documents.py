"""What was read of an installation, as the API server sent it, and how to look into it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from console.status.model import Unread
from webhook.model import Object

Read = Object | Unread | None
"""An object or a list of objects; None where there is none."""


CONFIGURATION = "the webhook configuration"
DEPLOYMENT = "the webhook's Deployment"
SLICES = "the Service's endpoints"
SETTINGS = "the settings"
EVENTS = "Events about the settings"
LEASES = "the replicas' Leases"
LEADER = "the leader's Lease"
PROFILES = "ImageProfiles"
OBSERVED = "InstrumentedApplications"
DAEMON_SET = "the node agents' DaemonSet"
AGENTS = "the node agents' pods"
NAMESPACES = "namespaces"


@dataclass(frozen=True, slots=True)
class Installation:
    """The objects of an installation. `namespace` is where it is looked for.

    `deployment`, `leader` and the others are objects; `slices`, `leases` and `events` are lists.
    """

    namespace: str
    configuration: Read = None
    deployment: Read = None
    slices: Read = None
    settings: Read = None
    events: Read = None
    leases: Read = None
    leader: Read = None

    def unread(self) -> Iterator[Unread]:
        """What could not be read."""
        for one in (
            self.configuration,
            self.deployment,
            self.slices,
            self.settings,
            self.events,
            self.leases,
            self.leader,
        ):
            if isinstance(one, Unread):
                yield one


def found(read: Read) -> Object | None:
    """What was read, None where nothing was."""
    return None if isinstance(read, Unread) else read


def items(read: Read) -> list[Any]:
    """The objects of a list that was read."""
    return list((found(read) or {}).get("items") or ())


def metadata(document: Object | None) -> Object:
    """An object's metadata."""
    return (document or {}).get("metadata") or {}
