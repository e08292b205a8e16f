"""Everything that rules look at, and how they say what they find."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from console.status.agents import NodeAgents
from console.status.model import (
    Certificates,
    ImageInspection,
    NamespaceStatus,
    Replica,
    Severity,
    Unread,
    Webhook,
)


@dataclass(frozen=True, slots=True)
class Known:
    """Everything that the rules look at. `whole`: whether all namespaces were asked for."""

    namespace: str
    webhook: Webhook
    certificates: Certificates
    images: ImageInspection
    nodes: NodeAgents
    namespaces: tuple[NamespaceStatus, ...]
    unread: tuple[Unread, ...]
    whole: bool
    now: datetime

    @property
    def outside(self) -> bool:
        """Whether the webhook runs outside of the cluster, behind an URL."""
        return any(one.target.startswith("https:") for one in self.webhook.entries)

    @property
    def current(self) -> tuple[Replica, ...]:
        """The replicas whose heartbeat is fresh."""
        return tuple(one for one in self.certificates.replicas if one.current)

    def was_read(self, what: str) -> bool:
        """Whether something could be read: only then its absence says anything."""
        return all(one.what != what for one in self.unread)


Said = tuple[Severity, str]
Rule = Callable[[Known], Iterator[Said]]


def problem(message: str) -> Said:
    """Something is wrong."""
    return Severity.PROBLEM, message


def note(message: str) -> Said:
    """Something is worth knowing."""
    return Severity.NOTE, message
