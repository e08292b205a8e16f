from typing import Any

import msgspec

from webhook.model import Namespace
from webhook.namespaces import NamespaceObject


def namespace(name: str, **metadata: Any) -> NamespaceObject:
    """A Namespace as the API server sends it."""
    return msgspec.convert({"metadata": {"name": name, **metadata}}, NamespaceObject)


def test_what_is_kept() -> None:
    """Our label and the annotations that decisions read; a cluster's others are not."""
    one = namespace(
        "shop",
        labels={"spanhook.dev/instrument": "enabled", "kubernetes.io/metadata.name": "shop"},
        annotations={
            "spanhook.dev/signals": "traces",
            "resource.opentelemetry.io/team": "a",
            "instrumentation.opentelemetry.io/inject-java": "true",
            "kubectl.kubernetes.io/last-applied-configuration": "{…}",
        },
    )

    assert one.kept() == Namespace(
        "shop",
        {"spanhook.dev/instrument": "enabled"},
        {
            "spanhook.dev/signals": "traces",
            "resource.opentelemetry.io/team": "a",
            "instrumentation.opentelemetry.io/inject-java": "true",
        },
    )


def test_what_says_nothing_takes_no_room() -> None:
    """Of labels and annotations of others nothing is kept, nor of none at all."""
    nothing = Namespace("shop")

    assert namespace("shop").kept() == nothing
    assert namespace("shop", labels=None, annotations=None).kept() == nothing
    assert namespace("shop", labels={"team": "a"}, annotations={"other": "1"}).kept() == nothing
