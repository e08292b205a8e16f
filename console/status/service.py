"""The webhook's Deployment, the Service before it, and the settings document."""

from datetime import UTC, datetime
from typing import Any

from console.status.documents import Read, found, items, metadata
from console.status.model import Deployment, Endpoints, SettingsState, SettingsStatus, Unread
from kube.times import parse
from webhook.images.reference import parse as parse_reference
from webhook.model import Object
from webhook.server.cluster.settings import KEY
from webhook.server.settings import salvage
from webhook.settings import Settings

_NO_KEY = f"there is no key {KEY}"
_PROVIDED = "--certificates=provided"
_NO_INSPECTION = "--no-inspection"

_NEVER = datetime.min.replace(tzinfo=UTC)


def deployment(read: Read) -> Deployment | None:
    """The Deployment's replicas, None where it is absent or could not be read."""
    live = found(read)
    if live is None:
        return None
    spec, status = live.get("spec") or {}, live.get("status") or {}
    return Deployment(
        desired=spec.get("replicas", 1),
        ready=status.get("readyReplicas") or 0,
        updated=status.get("updatedReplicas") or 0,
        versions=versions(spec),
    )


def is_provided(read: Read) -> bool:
    """Whether the replicas take their certificate from somebody else's hand."""
    return _PROVIDED in _arguments(read)


def may_ask(read: Read) -> bool:
    """Whether the replicas may ask registries, as far as the command line says."""
    return _NO_INSPECTION not in _arguments(read)


def _arguments(read: Read) -> list[str]:
    spec = (found(read) or {}).get("spec") or {}
    return [word for one in _containers(spec) for word in one.get("args") or ()]


def _containers(spec: Object) -> list[Any]:
    pod = (spec.get("template") or {}).get("spec") or {}
    return list(pod.get("containers") or ())


def versions(spec: Object) -> tuple[str, ...]:
    """The tags of a controller's images, each once."""
    tags = (_tag(one.get("image") or "") for one in _containers(spec))
    return tuple(dict.fromkeys(tag for tag in tags if tag))


def _tag(image: str) -> str | None:
    try:
        return parse_reference(image).tag
    except ValueError:
        return None


def endpoints(read: Read) -> Endpoints | None:
    """The addresses behind the Service, None where they could not be read."""
    if found(read) is None:
        return None
    conditions = [
        endpoint.get("conditions") or {}
        for one in items(read)
        for endpoint in one.get("endpoints") or ()
    ]
    # An absent `ready` is to be taken for true, says discovery.k8s.io/v1.
    return Endpoints(sum(one.get("ready", True) for one in conditions), len(conditions))


def settings(read: Read, events: Read) -> tuple[SettingsStatus | None, Settings]:
    """How the settings are, and those to decide with: of a document what is right in it.

    The first is None where they could not be read.
    """
    if isinstance(read, Unread):
        return None, Settings()
    data = (read or {}).get("data") or {}
    if not data:
        return SettingsStatus(SettingsState.DEFAULT), Settings()
    usable, problems = salvage(data[KEY], KEY) if KEY in data else (Settings(), (_NO_KEY,))
    if problems:
        return SettingsStatus(SettingsState.INVALID, problems, _event(events)), usable
    return SettingsStatus(SettingsState.VALID), usable


def _event(events: Read) -> str | None:
    """What the replicas said last about the document."""
    warnings = [one for one in items(events) if one.get("type") == "Warning"]
    if not warnings:
        return None
    last = max(warnings, key=_seen)
    return f"{last.get('reason', '')}: {last.get('message', '')}"


def _seen(event: Object) -> datetime:
    """When an Event happened last; which field says it depends on who wrote it."""
    series = event.get("series") or {}
    times = (
        series.get("lastObservedTime"),
        event.get("lastTimestamp"),
        event.get("eventTime"),
        metadata(event).get("creationTimestamp"),
    )
    return next(filter(None, map(parse, times)), _NEVER)
