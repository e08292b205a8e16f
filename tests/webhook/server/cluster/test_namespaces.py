from typing import Any

import msgspec

from webhook.model import Namespace
from webhook.server.cluster.namespaces import NamespaceObject, Namespaces


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


def test_namespaces_come_and_go() -> None:
    """The mapping follows, and stays the same object: a reviewer holds it."""
    namespaces = Namespaces()
    known = namespaces.known
    namespaces.replaced([namespace("a"), namespace("b")])
    namespaces.changed(namespace("a", labels={"spanhook.dev/instrument": "disabled"}))
    namespaces.removed(namespace("b"))
    namespaces.removed(namespace("never seen"))

    assert known == {"a": Namespace("a", {"spanhook.dev/instrument": "disabled"})}
    assert len(namespaces) == 1
    namespaces.replaced([namespace("c")])
    assert list(known) == ["c"]
    namespaces.forget()
    assert list(known) == ["c"], "what was known is a better guess than nothing"
