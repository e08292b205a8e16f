"""Label selectors, and whether a webhook configuration sends us the pods that it should.

What counts is which pods an entry selects, not how it says so: some platforms add requirements of
their own to every webhook's namespaceSelector (AKS: `admissions.enforcer/disabled`).

    namespace                 pod's label   is to be sent
    ------------------------  ------------  -------------
    opted in                  none          yes
    opted in                  enabled       yes
    opted in                  disabled      no
    no label                  enabled       yes
    no label                  none          no
    opted out                 none          no
    opted out                 enabled       no
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from webhook.model import Object
from webhook.optin import DISABLED, ENABLED, LABEL

Labels = Mapping[str, str]

_NAME_LABEL = "kubernetes.io/metadata.name"
"""The API server gives it to every namespace."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table: labels, whether the pod is to be sent, and how a person says it."""

    namespace: Labels
    pod: Labels
    sent: bool
    said: str


_IN, _OUT = {LABEL: ENABLED}, {LABEL: DISABLED}

ROWS: tuple[Row, ...] = (
    Row(_IN, {}, sent=True, said="pods of opted-in namespaces"),
    Row(_IN, _IN, sent=True, said="opted-in pods of opted-in namespaces"),
    Row(_IN, _OUT, sent=False, said="opted-out pods of opted-in namespaces"),
    Row({}, _IN, sent=True, said="opted-in pods of other namespaces"),
    Row({}, {}, sent=False, said="pods that nobody opted in"),
    Row(_OUT, {}, sent=False, said="pods of opted-out namespaces"),
    Row(_OUT, _IN, sent=False, said="opted-in pods of opted-out namespaces"),
)


def matches(selector: Object | None, labels: Labels) -> bool:
    """Whether labels fit a metav1.LabelSelector; an empty one fits everything."""
    wanted = selector or {}
    exact = (wanted.get("matchLabels") or {}).items()
    return all(labels.get(key) == value for key, value in exact) and all(
        _fits(one, labels) for one in wanted.get("matchExpressions") or ()
    )


def _fits(requirement: Object, labels: Labels) -> bool:
    value = labels.get(requirement.get("key", ""))
    values = requirement.get("values") or ()
    match requirement.get("operator"):
        case "In":
            return value in values
        case "NotIn":  # as the API server: a label that is absent is in no list
            return value not in values
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
    return False


def sends(entry: Object, namespace: Labels, pod: Labels) -> bool:
    """Whether the API server sends a pod with these labels to the webhook of an entry."""
    return matches(entry.get("namespaceSelector"), namespace) and matches(
        entry.get("objectSelector"), pod
    )


def missed(entries: Iterable[Object]) -> Iterator[str]:
    """The pods that should be sent and are not, in the words of the table."""
    entries = tuple(entries)
    for row in ROWS:
        if row.sent and not any(sends(one, _named(row.namespace), row.pod) for one in entries):
            yield row.said


def excess(entry: Object) -> Iterator[str]:
    """The pods that an entry sends and should not."""
    for row in ROWS:
        if not row.sent and sends(entry, _named(row.namespace), row.pod):
            yield row.said


def reached(entries: Iterable[Object], name: str, labels: Labels) -> bool:
    """Whether pods without a label of their own in this namespace are sent by any entry."""
    return any(sends(entry, _named(labels, name), {}) for entry in entries)


def _named(labels: Labels, name: str = "a-namespace") -> Labels:
    return {_NAME_LABEL: name, **labels}
