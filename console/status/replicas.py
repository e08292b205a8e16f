"""The replicas, each by the Lease that it keeps, as API servers do with theirs."""

from datetime import datetime, timedelta

from console.status.documents import Read, found, items, metadata
from console.status.model import Replica
from kube.times import parse
from webhook.model import Object
from webhook.server.cluster.replicas import (
    LABELS,
    RUNS_VERSION,
    SERVING,
    SERVING_EXPIRES,
    SERVING_ISSUER,
)

SELECTOR = ",".join(f"{key}={value}" for key, value in LABELS.items())
"""The label selector of their Leases."""

_SILENT_SECONDS = 60
"""How old a heartbeat may be where its Lease does not say."""


def replicas(leases: Read, leader: Read, now: datetime) -> tuple[Replica, ...]:
    """What the Leases tell, by name; `leader` is the one that they compete for."""
    holder = _holder(leader)
    return tuple(sorted((_replica(one, holder, now) for one in items(leases)), key=_name))


def said(leases: Read, key: str) -> str | None:
    """What the Leases say of all replicas, such as `CERTIFICATES`."""
    return _said(items(leases), key)


def said_by_leader(leases: Read, leader: Read, key: str) -> str | None:
    """What the leader's own Lease says: one that led before, and was killed, has left its word."""
    holder = _holder(leader)
    own = [one for one in items(leases) if _spec(one).get("holderIdentity") == holder]
    return _said(own, key)


def _said(leases: list[Object], key: str) -> str | None:
    values = ((metadata(one).get("annotations") or {}).get(key) for one in leases)
    return next((str(value) for value in values if value), None)


def _holder(leader: Read) -> str:
    return str(_spec(found(leader)).get("holderIdentity") or "")


def _name(one: Replica) -> str:
    return one.name


def _spec(lease: Object | None) -> Object:
    return (lease or {}).get("spec") or {}


def _replica(lease: Object, holder: str, now: datetime) -> Replica:
    annotations, spec = metadata(lease).get("annotations") or {}, _spec(lease)
    name = str(spec.get("holderIdentity") or metadata(lease).get("name", ""))
    heartbeat = parse(spec.get("renewTime"))
    patience = timedelta(seconds=spec.get("leaseDurationSeconds") or _SILENT_SECONDS)
    return Replica(
        name=name,
        leader=bool(name) and holder == name,
        current=heartbeat is not None and now - heartbeat <= patience,
        heartbeat=heartbeat,
        version=annotations.get(RUNS_VERSION),
        fingerprint=annotations.get(SERVING),
        issuer=annotations.get(SERVING_ISSUER),
        expires=parse(annotations.get(SERVING_EXPIRES)),
    )
