"""What is known of the cluster's namespaces: what the webhook's rules read of them."""

from collections.abc import Callable, Iterable

from kube.paths import path
from webhook.model import Namespace
from webhook.namespaces import NamespaceObject

PATH = path("v1", "namespaces")


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
