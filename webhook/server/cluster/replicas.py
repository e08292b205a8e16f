"""What every replica serves, told by Leases: one for each, as kube-apiserver's identity Leases.

`spanhook-webhook-replica-<replica>`, labelled, renewed every ten seconds, deleted at a clean stop:

annotation                        value
--------------------------------  ----------------------------------------------------------------
spanhook.dev/serving              SHA-256 of the certificate that is served (DER), hexadecimal
spanhook.dev/serving-issuer       who issued it (RFC 4514)
spanhook.dev/serving-expires      when it expires (RFC 3339)
spanhook.dev/version              the replica's version
spanhook.dev/certificates         own or provided: who issues the certificates
spanhook.dev/rotation             the leader's only: the phase (`certs.holdings.Phase`)

A replica that starts has a Lease without the first three until it knows what it will serve. It is
alive while its Lease changes; who reads them measures that on its own steady clock. The answer to a
renewal also tells what time it is at the API server, who is the one to judge certificates.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from time import monotonic
from typing import Any, Protocol

import msgspec

from certs import bundle
from certs.authority import Leaf
from kube.client import Object
from kube.errors import ApiError
from kube.pages import decoder
from kube.paths import path
from kube.times import micro, parse
from webhook.settings import VERSION

API_VERSION = "coordination.k8s.io/v1"
LABELS: Mapping[str, str] = {"spanhook.dev/component": "webhook-replica"}
SERVING = "spanhook.dev/serving"
SERVING_ISSUER = "spanhook.dev/serving-issuer"
SERVING_EXPIRES = "spanhook.dev/serving-expires"
RUNS_VERSION = "spanhook.dev/version"
CERTIFICATES = "spanhook.dev/certificates"
ROTATION = "spanhook.dev/rotation"

MISSED = 3
"""So many renewals missed, and a replica counts as gone."""
FORGOTTEN_SECONDS = 900.0
"""So long without a renewal, and the leader deletes its Lease."""

_PREFIX = "spanhook-webhook-replica-"
_MANAGER = "spanhook"
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_LONGEST = 253 - len(_PREFIX)  # RFC 1123
_HASH = 8


class Leases(Protocol):
    """What is asked of `kube.client.Client`."""

    async def read(self, path: str, **query: str) -> bytes:
        """What GET answers."""
        ...

    async def apply(
        self, path: str, body: Object, *, manager: str = ..., force: bool = ..., **query: str
    ) -> dict[str, Any]:
        """Server-side apply."""
        ...

    async def delete(self, path: str, **query: str) -> dict[str, Any]:
        """Delete an object."""
        ...


class _Metadata(msgspec.Struct, rename="camel"):
    name: str
    resource_version: str = ""
    annotations: dict[str, str] = {}


class _Spec(msgspec.Struct, rename="camel"):
    holder_identity: str = ""


class _Lease(msgspec.Struct):
    metadata: _Metadata
    spec: _Spec = msgspec.field(default_factory=_Spec)


class _Leases(msgspec.Struct):
    items: list[_Lease] | None = None  # Go's empty list may be null


_decode = decoder(_Leases)


@dataclass(frozen=True, slots=True)
class _Sight:
    """A Lease as we saw it change the last time."""

    version: str
    at: float


class Replicas:
    """Our own Lease, and those of the others. Methods raise `kube.errors.KubeError`."""

    def __init__(  # noqa: PLR0913  # three say who we are, the rest has names
        self,
        client: Leases,
        namespace: str,
        replica: str,
        *,
        certificates: str = "own",
        interval: float = 10.0,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._client = client
        self._namespace = namespace
        self._replica = replica
        self._certificates = certificates
        self._interval = interval
        self._clock = clock
        self._seen: dict[str, _Sight] = {}
        self._looked = -math.inf
        self._published = False

    async def publish(self, leaf: Leaf | None, rotation: str | None = None) -> datetime | None:
        """Say what we serve, and that we live; the API server's time.

        `rotation`: the phase, from the leader.
        """
        annotations = {
            RUNS_VERSION: VERSION,
            CERTIFICATES: self._certificates,
            **({} if rotation is None else {ROTATION: rotation}),
            **({} if leaf is None else _served(leaf)),
        }
        name = lease_name(self._replica)
        body = {
            "apiVersion": API_VERSION,
            "kind": "Lease",
            "metadata": {
                "name": name,
                "namespace": self._namespace,
                "labels": LABELS,
                "annotations": annotations,
            },
            "spec": {
                "holderIdentity": self._replica,
                "leaseDurationSeconds": max(1, round(self._interval * MISSED)),
                "renewTime": micro(datetime.now(UTC)),
            },
        }
        self._published = True
        return _written_at(await self._client.apply(self._path(name), body, manager=_MANAGER))

    async def remove(self) -> None:
        """Take our Lease away, if there may be one."""
        if self._published:
            await self._delete(lease_name(self._replica))

    async def others(self) -> dict[str, str]:
        """Live replicas but ourselves that serve something, and who issued that."""
        leases = await self._list()
        now, last = self._clock(), self._interval * MISSED
        return {
            one.spec.holder_identity: one.metadata.annotations[SERVING_ISSUER]
            for one in leases
            if now - self._seen[one.metadata.name].at < last
            and one.spec.holder_identity != self._replica
            and SERVING_ISSUER in one.metadata.annotations
        }

    async def sweep(self) -> None:
        """Delete what the dead have left; a look at the Leases now and then is enough for it."""
        now = self._clock()
        if now - self._looked >= self._interval * 2:
            await self._list()
        for name, sight in list(self._seen.items()):
            if now - sight.at >= FORGOTTEN_SECONDS and name != lease_name(self._replica):
                await self._delete(name)
                del self._seen[name]

    async def _list(self) -> list[_Lease]:
        selector = ",".join(f"{key}={value}" for key, value in LABELS.items())
        where = path(API_VERSION, "leases", namespace=self._namespace)
        answer = await self._client.read(where, labelSelector=selector)
        leases = _decode(answer).items or []
        now = self._clock()
        if now - self._looked > self._interval * MISSED:
            self._seen = {}  # the API server was away: nobody could renew, or we could not see it
        self._looked = now
        sights = {one.metadata.name: self._sight(one) for one in leases}
        self._seen = sights
        return leases

    def _sight(self, lease: _Lease) -> _Sight:
        """When it changed: now, unless we know it as it is, and did not look away."""
        known = self._seen.get(lease.metadata.name)
        if known is not None and known.version == lease.metadata.resource_version:
            return known
        return _Sight(lease.metadata.resource_version, self._clock())

    async def _delete(self, name: str) -> None:
        try:
            await self._client.delete(self._path(name))
        except ApiError as error:
            if not error.not_found:
                raise

    def _path(self, name: str) -> str:
        return path(API_VERSION, "leases", namespace=self._namespace, name=name)


def lease_name(replica: str) -> str:
    """The name of a replica's Lease; a name that none may have is replaced by one with its hash."""
    if _SUBDOMAIN.fullmatch(replica) and len(replica) <= _LONGEST:
        return _PREFIX + replica
    plain = re.sub(r"[^a-z0-9]+", "-", replica.lower())[: _LONGEST - _HASH - 1].strip("-")
    return f"{_PREFIX}{plain}-{sha256(replica.encode()).hexdigest()[:_HASH]}"


def _served(leaf: Leaf) -> dict[str, str]:
    return {
        SERVING: bundle.fingerprint(leaf.certificate),
        SERVING_ISSUER: bundle.issuer(leaf.certificate),
        SERVING_EXPIRES: leaf.expires.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def _written_at(lease: Mapping[str, Any]) -> datetime | None:
    """When the API server took our renewal, by its own clock."""
    for entry in lease.get("metadata", {}).get("managedFields") or ():
        applied = (entry.get("manager"), entry.get("operation")) == (_MANAGER, "Apply")
        if applied and entry.get("time"):
            return parse(entry["time"])
    return None
