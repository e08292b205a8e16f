"""Values as words."""

import re
from datetime import datetime, timedelta

from console.status.agents import NodeAgents
from console.status.model import (
    Authority,
    Certificates,
    Deployment,
    Endpoints,
    Entry,
    ImageInspection,
    Mode,
    Replica,
    SettingsState,
    SettingsStatus,
)

UNKNOWN = "–"

_ISSUERS = {
    Mode.OWN: "the webhook's own authority",
    Mode.CERT_MANAGER: "cert-manager",
    Mode.PROVIDED: "whoever fills the Secret",
}
_SETTINGS = {
    SettingsState.VALID: "valid",
    SettingsState.DEFAULT: "none set, so the defaults",
    SettingsState.INVALID: "not valid",
}
_UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))
_FINGERPRINT = 12
_COMMON_NAME = re.compile(r"(?:^|[,+])CN=((?:\\.|[^\\,+])*)")
_ESCAPED = re.compile(r"\\(.)")


def count(number: int, noun: str) -> str:
    """`1 pod`, `2,000 pods`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def span(time: timedelta) -> str:
    """How long, in the largest unit of which there are two at least."""
    seconds = max(0, int(time.total_seconds()))
    size, unit = next((one for one in _UNITS if seconds >= 2 * one[0]), _UNITS[-1])
    return count(seconds // size, unit)


def until(time: datetime | None, now: datetime) -> str:
    """A day, and how far it is."""
    if time is None:
        return UNKNOWN
    distance = f"in {span(time - now)}" if time > now else f"{span(now - time)} ago"
    return f"{time:%Y-%m-%d} ({distance})"


def called(subject: str) -> str:
    """The common name of a distinguished name (RFC 4514), else all of it."""
    match = _COMMON_NAME.search(subject)
    return _ESCAPED.sub(r"\1", match[1]) if match else subject


def deployment(found: Deployment | None) -> str:
    """Replicas and versions."""
    if found is None:
        return UNKNOWN
    version = f", version {', '.join(found.versions)}" if found.versions else ""
    return f"{found.ready} of {found.desired} ready{version}"


def agents(found: NodeAgents) -> str:
    """On how many nodes the agent is ready."""
    if found.desired is None:
        return UNKNOWN
    version = f", version {', '.join(found.versions)}" if found.versions else ""
    return f"ready on {found.ready} of {count(found.desired, 'node')}{version}"


def registered(there: bool | None) -> str:
    """Of a configuration without entries."""
    return {None: UNKNOWN, False: "no", True: "without entries"}[there]


def entry(one: Entry) -> str:
    """Where an entry leads, and what happens when nobody answers."""
    return f"{one.name}  {one.failure_policy} after {one.timeout_seconds} s  {one.target}"


def endpoints(found: Endpoints | None) -> str:
    """Of the Service."""
    return UNKNOWN if found is None else f"{found.ready} of {found.total} ready"


def settings(found: SettingsStatus | None) -> str:
    """How the settings are, and what replicas last said of them."""
    if found is None:
        return UNKNOWN
    return _SETTINGS[found.state] + (f" ({found.event})" if found.event else "")


def issuer(found: Certificates) -> str:
    """Who issues."""
    if found.mode is None:
        return UNKNOWN
    return _ISSUERS[found.mode] + (f", {called(found.issuer)}" if found.issuer else "")


def expiry(found: Certificates, now: datetime) -> str:
    """Until when, and when it is renewed."""
    renewal = f", renewed {until(found.next_rotation, now)}" if found.next_rotation else ""
    return until(found.expires, now) + renewal


def authority(found: Authority, now: datetime) -> str:
    """An authority that API servers trust."""
    return f"{called(found.subject)}, until {until(found.expires, now)}"


def profiles(found: ImageInspection) -> str:
    """How many images are known."""
    return UNKNOWN if found.profiles is None else f"{found.profiles:,}"


def asked(found: ImageInspection) -> str:
    """Whether registries are asked."""
    return "asked what images are" if found.enabled else "not asked"


def replica(one: Replica, now: datetime) -> tuple[str, ...]:
    """A replica's columns."""
    name = f"{one.name} (leader)" if one.leader else one.name
    heartbeat = f"{span(now - one.heartbeat)} ago" if one.heartbeat else UNKNOWN
    return (
        name,
        one.version or UNKNOWN,
        (one.fingerprint or UNKNOWN)[:_FINGERPRINT],
        f"{one.expires:%Y-%m-%d}" if one.expires else UNKNOWN,
        heartbeat if one.current else f"{heartbeat}, gone",
    )
