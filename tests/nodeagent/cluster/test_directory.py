import pytest

from nodeagent.cluster.cgroup import Place
from nodeagent.cluster.directory import Directory
from tests.nodeagent.cluster.objects import PLACE, UID, namespace, pod


def _name() -> str | None:
    return None


def _filled() -> Directory:
    directory = Directory()
    directory.namespaces.changed(namespace())
    directory.pods.changed(pod())
    return directory


def test_a_container_is_known_with_its_pod_and_namespace() -> None:
    """Before both have been told of, nothing is known of it."""
    directory = Directory()
    assert directory.container(PLACE, _name) is None
    directory.pods.changed(pod())
    assert directory.container(PLACE, _name) is None
    directory.namespaces.changed(namespace())

    found = directory.container(PLACE, _name)

    assert found is not None
    assert (found.pod, found.namespace, found.pod_name, found.name) == (
        *(UID, "shop", "cart-0", "app"),
    )
    assert found.verdict is not None
    assert found.verdict.traced


def test_mounts_name_a_container_that_the_status_does_not_know_yet() -> None:
    """A kubelet tells of a container some time after it started."""
    directory = _filled()
    place = Place(UID, "f" * 64)

    assert directory.container(place, _name) is None
    found = directory.container(place, lambda: "app")

    assert found is not None
    assert found.name == "app"


def test_changes_are_told_once() -> None:
    """A pod's own, and those of its namespace."""
    directory = _filled()
    directory.pods.changed(pod())
    assert directory.changes() == {UID}
    assert directory.changes() == set()

    directory.namespaces.changed(namespace(enabled=False))

    assert directory.changes() == {UID}
    found = directory.container(PLACE, _name)
    assert found is not None
    assert found.verdict is None


def test_nothing_is_kept_of_a_pod_that_is_gone() -> None:
    """Its containers are unknown again."""
    directory = _filled()
    assert directory.container(PLACE, _name) is not None

    directory.pods.removed(pod())

    assert directory.container(PLACE, _name) is None
    assert directory.changes() == {UID}
    assert directory._verdicts == {}


def test_an_odd_pod_is_left_alone(caplog: pytest.LogCaptureFixture) -> None:
    """Whatever is wrong with it, others are known all the same."""
    directory = _filled()
    directory.pods.changed(
        pod(ownerReferences=[{"kind": "ReplicaSet", "name": 7, "controller": True}])
    )

    found = directory.container(PLACE, _name)

    assert found is not None
    assert found.verdict is None
    assert "shop/cart-0 is left alone" in caplog.text
