"""Which namespaces are looked at, and since when each is opted in."""

from dataclasses import dataclass
from datetime import datetime

from console.status.documents import metadata
from kube.times import parse
from webhook.model import Namespace, Object
from webhook.optin import ENABLED, LABEL

_LABEL_FIELD = ("f:metadata", "f:labels", f"f:{LABEL}")


@dataclass(frozen=True, slots=True)
class Place:
    """A namespace to look at. `since` is None where nobody knows.

    `opted_in`: whether its own label opts its pods in, None where the label could not be read.
    """

    namespace: Namespace
    opted_in: bool | None
    since: datetime | None = None

    @property
    def name(self) -> str:
        """The namespace's name."""
        return self.namespace.name or ""


def place(live: Object) -> Place:
    """A namespace as the API server has it."""
    meta = metadata(live)
    labels, annotations = meta.get("labels") or {}, meta.get("annotations") or {}
    namespace = Namespace(meta.get("name"), labels, annotations)
    return Place(namespace, labels.get(LABEL) == ENABLED, _labelled(live))


def unlabelled(name: str) -> Place:
    """A namespace of which nothing but its name is known."""
    return Place(Namespace(name), opted_in=None)


def _labelled(live: Object) -> datetime | None:
    """When the label was set, or a little later: the last change of whoever set it."""
    times = (
        parse(entry.get("time"))
        for entry in metadata(live).get("managedFields") or ()
        if _has_label(entry.get("fieldsV1") or {})
    )
    return min((one for one in times if one is not None), default=None)


def _has_label(fields: Object) -> bool:
    for key in _LABEL_FIELD:
        if key not in fields:
            return False
        fields = fields[key]
    return True
