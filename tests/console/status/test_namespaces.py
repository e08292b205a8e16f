from datetime import timedelta

from console.status.namespaces import place, unlabelled
from kube.times import parse
from tests.console.status.documents import namespace, stamp

HOUR = stamp(timedelta(hours=1))


def test_place() -> None:
    """A namespace's label opts in, and whoever set it left the time."""
    found = place(namespace("shop", "enabled", HOUR, annotations={"a": "b"}))

    assert found.opted_in
    assert found.name == "shop"
    assert found.since == parse(HOUR)
    assert found.namespace.annotations == {"a": "b"}


def test_other_labels() -> None:
    """Only one value opts in."""
    assert not place(namespace("shop", "disabled", HOUR)).opted_in
    assert not place(namespace("shop")).opted_in


def test_without_managed_fields() -> None:
    """Where nobody wrote down the time, there is none."""
    bare = namespace("shop", "enabled", managedFields=None)

    assert place(bare).opted_in
    assert place(bare).since is None


def test_several_managers() -> None:
    """Of several owners of the label the earliest change is the closest to its setting."""
    both = namespace("shop", "enabled", HOUR)
    both["metadata"]["managedFields"].append(
        {**both["metadata"]["managedFields"][1], "manager": "argocd", "time": stamp()}
    )

    assert place(both).since == parse(HOUR)


def test_unlabelled() -> None:
    """Of a namespace that may not be read the name is known."""
    found = unlabelled("shop")

    assert (found.name, found.opted_in, found.since) == ("shop", None, None)
