from datetime import timedelta
from typing import Any

import pytest

from certs import bundle
from console.status.model import Unread
from console.status.replicas import replicas, said, said_by_leader
from tests.console.status.documents import NOW, authority, leader, leaf, lease


def test_replica() -> None:
    """A Lease tells what its replica serves, and which one leads."""
    served = leaf(authority())
    leases = {"items": [lease("b", served), lease("a", served)]}

    first, second = replicas(leases, leader("b"), NOW)

    assert [first.name, second.name] == ["a", "b"]
    assert [first.leader, second.leader] == [False, True]
    assert second.current
    assert second.version == "0.1.0"
    assert second.fingerprint == bundle.fingerprint(served.certificate)
    assert second.issuer == bundle.issuer(served.certificate)
    assert second.expires == served.expires
    assert second.heartbeat == NOW - timedelta(seconds=4)


@pytest.mark.parametrize(
    ("silent", "duration", "current"),
    [
        (timedelta(seconds=59), None, True),
        (timedelta(seconds=61), None, False),
        (timedelta(seconds=61), 90, True),
        (timedelta(seconds=20), 15, False),
        (timedelta(seconds=-5), None, True),
    ],
)
def test_heartbeat(silent: timedelta, duration: int | None, current: bool) -> None:
    """A heartbeat counts as long as its Lease says; a clock that is ahead of ours does no harm."""
    spec: dict[str, Any] = {} if duration is None else {"leaseDurationSeconds": duration}
    (one,) = replicas({"items": [lease("a", silent=silent, **spec)]}, None, NOW)

    assert one.current is current


def test_silence() -> None:
    """A Lease without anything in it is a replica of which nothing is known."""
    (one,) = replicas({"items": [{"metadata": {"name": "spanhook-webhook-replica-a"}}]}, None, NOW)

    assert one.name == "spanhook-webhook-replica-a"
    assert not one.current
    assert (one.heartbeat, one.version, one.fingerprint, one.expires) == (None,) * 4


def test_unread() -> None:
    """Leases that may not be read are no replicas."""
    assert not replicas(Unread("certificates", "Leases", "forbidden"), None, NOW)


def test_names() -> None:
    """A replica whose name no Lease may have says it in the Lease."""
    odd = lease("odd-1234", holderIdentity="Odd_Name")
    (one,) = replicas({"items": [odd]}, leader("Odd_Name"), NOW)

    assert (one.name, one.leader) == ("Odd_Name", True)


def test_said() -> None:
    """What one replica says for all is found, whoever says it; of the leader only its own word."""
    told, silent = lease("a"), lease("b")
    told["metadata"]["annotations"]["spanhook.dev/rotation"] = "adopting"
    leases = {"items": [silent, told]}

    assert said(leases, "spanhook.dev/rotation") == "adopting"
    assert said({"items": [silent]}, "spanhook.dev/rotation") is None
    assert said(None, "spanhook.dev/rotation") is None
    assert said_by_leader(leases, leader("a"), "spanhook.dev/rotation") == "adopting"
    assert said_by_leader(leases, leader("b"), "spanhook.dev/rotation") is None
    assert said_by_leader(leases, None, "spanhook.dev/rotation") is None
