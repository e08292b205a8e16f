"""What is known of the cluster's namespaces."""

from collections.abc import Iterable

from kube.paths import path
from webhook.model import Namespace
from webhook.namespaces import NamespaceObject

PATH = path("v1", "namespaces")


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
