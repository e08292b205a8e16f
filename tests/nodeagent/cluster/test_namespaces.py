import msgspec

from nodeagent.cluster.namespaces import Namespaces
from webhook.model import Namespace
from webhook.namespaces import NamespaceObject

_decode = msgspec.json.Decoder(NamespaceObject).decode


def _namespace(name: str, label: str = "", **annotations: str) -> NamespaceObject:
    labels = {"spanhook.dev/instrument": label} if label else {}
    metadata = {
        "name": name,
        "labels": {"team": "a", **labels},
        "annotations": {"other": "1", **annotations},
    }
    return _decode(msgspec.json.encode({"metadata": metadata}))


def test_what_decisions_read_is_kept() -> None:
    """One label and some annotations; the rest may be large."""
    namespaces = Namespaces(lambda _: None)

    namespaces.replaced([_namespace("shop", "enabled", **{"spanhook.dev/signals": "traces"})])

    assert namespaces.known == {
        "shop": Namespace(
            "shop", {"spanhook.dev/instrument": "enabled"}, {"spanhook.dev/signals": "traces"}
        )
    }


def test_changes_are_told_where_they_matter() -> None:
    """Not each time that something else of a namespace changes."""
    told: list[str] = []
    namespaces = Namespaces(told.append)
    namespaces.replaced([_namespace("a"), _namespace("b", "enabled")])
    assert sorted(told) == ["a", "b"]
    told.clear()

    namespaces.replaced([_namespace("a"), _namespace("b", "enabled")])
    namespaces.changed(_namespace("a", other="2"))
    assert told == []

    namespaces.changed(_namespace("a", "enabled"))
    namespaces.removed(_namespace("b"))
    namespaces.removed(_namespace("b"))
    assert told == ["a", "b"]
    assert set(namespaces.known) == {"a"}
