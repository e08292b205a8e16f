"""One Kubernetes Event (events.k8s.io/v1): what is said, about what, and the document."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Literal

from kube.times import micro

API_VERSION = "events.k8s.io/v1"
CONTROLLER = "spanhook.dev/webhook"

_NOTE_BYTES = 1024
_WORD = 128
_NO_NAMESPACE = "default"
"""Where Events about objects of the cluster's scope have to be."""

Kind = Literal["Normal", "Warning"]


@dataclass(frozen=True, slots=True)
class Regarding:
    """The object that an Event is about. `plural` is for a look-up of a uid that is not known."""

    api_version: str
    kind: str
    name: str
    namespace: str = ""
    uid: str = ""
    plural: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """What is to be said. `about` tells apart what one object hears for the same reason."""

    regarding: Regarding
    reason: str
    note: str
    action: str
    about: str = ""
    kind: Kind = "Warning"

    @property
    def identity(self) -> tuple[str, ...]:
        """What makes two Events the same."""
        one = self.regarding
        return (one.api_version, one.kind, one.namespace, one.name, self.reason, self.about)


def document(event: Event, uid: str, instance: str, now: datetime) -> dict[str, Any]:
    """The Event as the API server takes it."""
    one = event.regarding
    named = sha256("\0".join((*event.identity, uid)).encode()).hexdigest()[:16]
    regarding = {
        "apiVersion": one.api_version,
        "kind": one.kind,
        "name": one.name,
        "namespace": one.namespace,
        "uid": uid,
    }
    return {
        "apiVersion": API_VERSION,
        "kind": "Event",
        "metadata": {
            # A name of 253 characters is the longest, and the hash is what tells them apart.
            "name": f"{one.name[:200].rstrip('.-')}.{named}",
            "namespace": one.namespace or _NO_NAMESPACE,
        },
        "eventTime": micro(now),
        "reportingController": CONTROLLER,
        "reportingInstance": instance[:_WORD],
        "type": event.kind,
        "reason": event.reason[:_WORD],
        "action": event.action[:_WORD],
        "note": cut(event.note),
        "regarding": {name: value for name, value in regarding.items() if value},
    }


def cut(note: str) -> str:
    """At most as many bytes as the API server takes."""
    data = note.encode()
    if len(data) <= _NOTE_BYTES:
        return note
    return data[: _NOTE_BYTES - 3].decode(errors="ignore") + "…"
