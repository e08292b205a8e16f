"""The replicas, each by the Lease that it keeps, as API servers do with theirs."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from console.status.documents import Read, found, items, metadata, time
from console.status.model import Replica
from webhook.model import Object

COMPONENT = "spanhook.dev/component=webhook-replica"
PREFIX = "spanhook-webhook-replica-"
LEADER = "spanhook-webhook"

_SERVING = "spanhook.dev/serving"
_ISSUER = "spanhook.dev/serving-issuer"
_EXPIRES = "spanhook.dev/serving-expires"
_VERSION = "spanhook.dev/version"

_SILENT_SECONDS = 60
"""How old a heartbeat may be where its Lease does not say."""


def replicas(leases: Read, leader: Read, now: datetime) -> Iterator[Replica]:
    """What the Leases tell, by name; `leader` is the one that they compete for."""
    holder = str(((found(leader) or {}).get("spec") or {}).get("holderIdentity") or "")
    for lease in sorted(items(leases), key=lambda one: str(metadata(one).get("name"))):
        yield _replica(lease, holder, now)


def _replica(lease: Object, holder: str, now: datetime) -> Replica:
    name = str(metadata(lease).get("name", "")).removeprefix(PREFIX)
    annotations = metadata(lease).get("annotations") or {}
    spec = lease.get("spec") or {}
    heartbeat = time(spec.get("renewTime"))
    patience = timedelta(seconds=spec.get("leaseDurationSeconds") or _SILENT_SECONDS)
    return Replica(
        name=name,
        leader=bool(name) and holder == name,
        current=heartbeat is not None and now - heartbeat <= patience,
        heartbeat=heartbeat,
        version=annotations.get(_VERSION),
        fingerprint=annotations.get(_SERVING),
        issuer=annotations.get(_ISSUER),
        expires=time(annotations.get(_EXPIRES)),
    )
