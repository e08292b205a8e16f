from typing import Any

import msgspec

from webhook.model import Namespace
from webhook.namespaces import NamespaceObject
from webhook.server.cluster.namespaces import Namespaces


def namespace(name: str, **metadata: Any) -> NamespaceObject:
    """A Namespace as the API server sends it."""
    return msgspec.convert({"metadata": {"name": name, **metadata}}, NamespaceObject)


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
