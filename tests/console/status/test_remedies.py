from typing import Any

import pytest

from console.status.model import Remedy
from console.status.remedies import Pending, remedy

RESTART = "kubectl rollout restart {}/db -n shop"


def _pending(kind: str, live: Any = None, pods: tuple[str, ...] = ("db-0",), count: int = 1) -> Any:
    return remedy(Pending(kind, "db", "shop", pods, count, live))


@pytest.mark.parametrize("kind", ["Deployment", "DaemonSet", "StatefulSet"])
@pytest.mark.parametrize(
    "live", [None, {}, {"spec": {"updateStrategy": {"type": "RollingUpdate"}}}]
)
def test_restart(kind: str, live: Any) -> None:
    """What rolls is restarted by kubectl's own line, whether or not it could be read."""
    assert _pending(kind, live) == Remedy(RESTART.format(kind.lower()))


def test_paused() -> None:
    """A paused Deployment cannot be restarted before it is resumed."""
    found = _pending("Deployment", {"spec": {"paused": True}})

    resume, restart = found.command.split(" && ")
    assert resume == "kubectl rollout resume deployment/db -n shop"
    assert restart == RESTART.format("deployment")
    assert "paused" in found.advice


@pytest.mark.parametrize("kind", ["DaemonSet", "StatefulSet"])
def test_on_delete(kind: str) -> None:
    """Where a restart would replace nothing, pods are deleted."""
    live = {"spec": {"updateStrategy": {"type": "OnDelete"}}}
    found = _pending(kind, live, ("db-0", "db-1"), 2)

    assert found.command == "kubectl delete pod db-0 db-1 -n shop"
    assert "OnDelete" in found.advice


def test_partition() -> None:
    """Below a partition a restart replaces nothing, and that is said."""
    live = {"spec": {"updateStrategy": {"rollingUpdate": {"partition": 2}}}}
    found = _pending("StatefulSet", live)

    assert found.command == RESTART.format("statefulset")
    assert "below 2" in found.advice


def test_rollout() -> None:
    """Argo's Rollout has a way of its own."""
    assert _pending("Rollout").command == "kubectl argo rollouts restart db -n shop"


@pytest.mark.parametrize("kind", ["ReplicaSet", "ReplicationController"])
def test_replicas(kind: str) -> None:
    """What only replaces pods that are gone gets a line that deletes them; not all are named."""
    found = _pending(kind, pods=("db-1", "db-2"), count=7)

    assert found.command == "kubectl delete pod db-1 db-2 -n shop"
    assert "2 of 7" in found.advice
    assert "of 1" not in _pending(kind).advice


@pytest.mark.parametrize(("kind", "word"), [("CronJob", "next run"), ("Job", "manifest")])
def test_runs(kind: str, word: str) -> None:
    """What runs to its end is no problem: there is nothing to restart."""
    found = _pending(kind)

    assert found.command is None
    assert word in found.advice
    assert not found.needed


def test_others() -> None:
    """A bare pod is its owner's to create; of other controllers nobody knows the way."""
    assert "kubectl replace --force -f FILE -n shop" in _pending("Pod").advice
    assert "CloneSet" in _pending("CloneSet").advice
    assert all(_pending(kind).needed for kind in ("Pod", "CloneSet"))
