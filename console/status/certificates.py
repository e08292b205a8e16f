"""Who issues the webhook's certificates, and where a rotation stands.

A rotation of the authority, as it shows from outside:

    authorities in the bundle   replicas serve a leaf of    step
    --------------------------  --------------------------  -------------------------------------
    one                         it                          none
    one                         it, but different leaves    a new leaf is being taken up
    two                         the older                   the newer is trusted beforehand
    two                         both                        leaves are changing over
    two                         the newer                   the older is about to be dropped

Where nothing of it shows yet, the leader's own word counts (`certs.holdings.Phase`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from certs.authority import LEAF_LIFETIME
from certs.holdings import Phase
from console.status.model import Authority, Certificates, Mode, Replica

_PHASES: Mapping[str, str] = {
    Phase.ANNOUNCING: "a new authority is being announced",
    Phase.ADOPTING: "a new authority is being adopted",
}


def certificates(
    mode: Mode | None,
    authorities: Sequence[Authority],
    replicas: Sequence[Replica],
    phase: str | None = None,
) -> Certificates:
    """What is served, and when that changes; `phase` is the leader's word."""
    current = [one for one in replicas if one.current]
    expiries = [one.expires for one in current if one.expires is not None]
    expires = min(expiries, default=None)
    return Certificates(
        mode=mode,
        issuer=next((one.issuer for one in current if one.issuer), None),
        expires=expires,
        next_rotation=_next_rotation(expires) if mode is Mode.OWN and expires else None,
        rotation=_rotation(authorities, current) or _PHASES.get(phase or ""),
        replicas=tuple(replicas),
    )


def _next_rotation(expires: datetime) -> datetime:
    """Renewal comes when a third of the life is left."""
    return expires - LEAF_LIFETIME / 3


def _rotation(authorities: Sequence[Authority], current: Sequence[Replica]) -> str | None:
    served = {one.fingerprint for one in current if one.fingerprint}
    if len(authorities) < 2:  # noqa: PLR2004
        return "replicas are taking up a new certificate" if len(served) > 1 else None
    newest = max(authorities, key=lambda one: one.expires).subject
    issuers = {one.issuer for one in current if one.issuer}
    if newest not in issuers:
        return "a new authority is trusted beside the old one; replicas still serve the old one's"
    if issuers == {newest}:
        return "all replicas serve the new authority's certificate; the old one is dropped next"
    return "replicas are changing over to the new authority's certificate"
