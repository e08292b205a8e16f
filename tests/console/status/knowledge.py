"""What rules look at: an installation that is well, and namespaces."""

from datetime import timedelta
from typing import Any

from console.status.agents import NodeAgents
from console.status.findings import findings
from console.status.installation import judge
from console.status.known import Known
from console.status.model import Counts, ImageInspection, NamespaceStatus, Remedy, Workload
from tests.console.status.documents import (
    NOW,
    authority,
    configuration,
    encoded,
    installation,
    leaf,
    lease,
)

OWN = authority(timedelta(days=3))
LEAF = leaf(OWN, timedelta(days=3))
SERVED = [lease(name, LEAF) for name in ("a", "b")]


def counts(**numbers: int) -> Counts:
    """Pods by state, all of them named."""
    zero = {"instrumented": 0, "pending": 0, "skipped": 0, "opted_out": 0}
    return Counts(pods=sum(numbers.values()), **zero | numbers)


def workload(remedy: Remedy | None = None, **numbers: int) -> Workload:
    """A Deployment with so many pods by state."""
    return Workload("Deployment", "cart", counts(**numbers), {}, (), remedy)


def namespace(*workloads: Workload, **fields: Any) -> NamespaceStatus:
    """An opted-in namespace, but for fields."""
    given = {"name": "shop", "opted_in": True, "reached": True, **fields}
    return NamespaceStatus(counts=counts(), workloads=workloads, **given)


KNOWN_IMAGES = ImageInspection(enabled=True, defined=True, profiles=3)

READY = NodeAgents(3, 3, ("0.1.0",))

WELL = (namespace(workload(instrumented=3)),)


def known(
    namespaces: tuple[NamespaceStatus, ...] = WELL,
    images: ImageInspection = KNOWN_IMAGES,
    nodes: NodeAgents = READY,
    **changes: Any,
) -> Known:
    """Everything that the rules look at, of an installation that is well but for changes."""
    own = {
        "configuration": configuration(encoded(OWN)),
        "leases": {"items": SERVED},
    }
    read_ = installation(**(own | changes))
    judged = judge(read_, NOW)
    return Known(
        namespace="spanhook-system",
        webhook=judged.webhook,
        certificates=judged.certificates,
        images=images,
        nodes=nodes,
        namespaces=namespaces,
        unread=tuple(read_.unread()),
        whole=True,
        now=NOW,
    )


def said(found: Known) -> list[tuple[str, str]]:
    """Severity and message of each finding."""
    return [(one.severity.value, one.message) for one in findings(found)]
