"""What is known of the cluster's namespaces: what the webhook's rules read of them."""

from collections.abc import Callable, Iterable

import msgspec

from kube.paths import path
from webhook.annotations import PREFIXES
from webhook.model import EMPTY, Namespace
from webhook.optin import LABEL

PATH = path("v1", "namespaces")


class _Metadata(msgspec.Struct):
    name: str
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None


class NamespaceObject(msgspec.Struct):
    """What is read of a Namespace."""

    metadata: _Metadata

    def kept(self) -> Namespace:
        """What is kept of it: the one label, and the annotations that decisions read."""
        labels, annotations = self.metadata.labels or {}, self.metadata.annotations or {}
        label = labels.get(LABEL)
        return Namespace(
            self.metadata.name,
            EMPTY if label is None else {LABEL: label},
            {key: value for key, value in annotations.items() if key.startswith(PREFIXES)} or EMPTY,
        )


class Namespaces:
    """Namespaces by name; `told` is called with the name of each that is another than before."""

    def __init__(self, told: Callable[[str], None]) -> None:
        self.known: dict[str, Namespace] = {}
        self._told = told

    def replaced(self, objects: Iterable[NamespaceObject]) -> None:
        """These are all namespaces."""
        kept = {one.metadata.name: one.kept() for one in objects}
        before, self.known = self.known, kept
        for name in before.keys() | kept.keys():
            if before.get(name) != kept.get(name):
                self._told(name)

    def changed(self, item: NamespaceObject) -> None:
        """A namespace is new or has changed."""
        name, kept = item.metadata.name, item.kept()
        if self.known.get(name) != kept:
            self.known[name] = kept
            self._told(name)

    def removed(self, item: NamespaceObject) -> None:
        """A namespace is gone."""
        if self.known.pop(item.metadata.name, None) is not None:
            self._told(item.metadata.name)
