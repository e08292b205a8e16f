"""What is kept of a Namespace, out of all that a cluster's have."""

import msgspec

from webhook.annotations import PREFIXES
from webhook.model import EMPTY, Namespace
from webhook.optin import LABEL


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
