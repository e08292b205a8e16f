"""What is known of the cluster's namespaces."""

from collections.abc import Iterable

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
        """What is kept: the one label and the annotations that decisions read."""
        labels, annotations = self.metadata.labels or {}, self.metadata.annotations or {}
        label = labels.get(LABEL)
        return Namespace(
            self.metadata.name,
            EMPTY if label is None else {LABEL: label},
            {key: value for key, value in annotations.items() if key.startswith(PREFIXES)} or EMPTY,
        )


class Namespaces:
    """Namespaces by name; `known` is one mapping for ever, so that a reviewer can hold it."""

    def __init__(self) -> None:
        self.known: dict[str, Namespace] = {}

    def __len__(self) -> int:
        return len(self.known)

    def replaced(self, objects: Iterable[NamespaceObject]) -> None:
        """These are all namespaces."""
        kept = {one.metadata.name: one.kept() for one in objects}
        self.known.clear()
        self.known.update(kept)

    def changed(self, item: NamespaceObject) -> None:
        """A namespace is new or has changed."""
        self.known[item.metadata.name] = item.kept()

    def removed(self, item: NamespaceObject) -> None:
        """A namespace is gone."""
        self.known.pop(item.metadata.name, None)

    def forget(self) -> None:
        """Nothing to do: what was known is a better guess than nothing."""
