"""What is known of the cluster's ConfigMaps: the keys that `envFrom` could make variables of.

a ConfigMap is                   decisions take it as
-------------------------------  --------------------------------------------------------------
in the cache                     known, so a key that is not there is not set
not there, or not there yet      unknown: it may be made before the container starts
gone                             unknown again
not ours to read (403)           unknown, every one; asked again now and then
"""

from collections.abc import Iterable, Mapping

import msgspec

from kube.paths import path
from webhook.configmaps import kept
from webhook.model import EMPTY

PATH = path("v1", "configmaps")


class _Metadata(msgspec.Struct):
    name: str
    namespace: str = ""


class ConfigMap(msgspec.Struct):
    """What is read of a ConfigMap; of its data only `variables` outlives the decoding.

    At once, not when the whole list is there: ten thousand ConfigMaps may hold gigabytes.
    """

    metadata: _Metadata
    data: dict[str, str] | None = None
    variables: Mapping[str, str | None] = EMPTY

    def __post_init__(self) -> None:
        """Let go of what nobody reads."""
        self.variables = kept(self.data)
        self.data = None

    @property
    def key(self) -> tuple[str, str]:
        """How `Facts.config_maps` knows it."""
        return self.metadata.namespace, self.metadata.name


class ConfigMaps:
    """Variables by namespace and name; `known` is one mapping for ever, as a reviewer's facts."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, str], Mapping[str, str | None]] = {}

    def __len__(self) -> int:
        return len(self.known)

    def replaced(self, objects: Iterable[ConfigMap]) -> None:
        """These are all ConfigMaps."""
        variables = {one.key: one.variables for one in objects}
        self.known.clear()
        self.known.update(variables)

    def changed(self, item: ConfigMap) -> None:
        """A ConfigMap is new or has changed."""
        self.known[item.key] = item.variables

    def removed(self, item: ConfigMap) -> None:
        """A ConfigMap is gone."""
        self.known.pop(item.key, None)

    def forget(self) -> None:
        """They may no longer be read: from now on nobody tells us of changes."""
        self.known.clear()
