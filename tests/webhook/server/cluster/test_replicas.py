import asyncio
import re
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from certs import bundle
from kube.errors import ApiError
from tests.certs.making import leaf
from tests.kube.objects import Objects
from tests.kube.playing import Clock
from webhook.server.cluster.replicas import Replicas, lease_name

LEASES = "/apis/coordination.k8s.io/v1/namespaces/n/leases"
A, B = leaf("A"), leaf("B")


class Leases(Objects):
    """Also reads undecoded, and tells the API server's time as managedFields have it."""

    async def read(self, path: str, **_query: str) -> bytes:
        """The collection; Go writes null for nothing."""
        try:
            return msgspec.json.encode(await self.get(path))
        except ApiError:
            return b'{"items":null}'

    def put(self, path: str, one: Any) -> dict[str, Any]:
        """With the time of the write."""
        fields = [
            {"manager": "kubectl", "operation": "Update", "time": "2001-01-01T00:00:00Z"},
            {"manager": "spanhook", "operation": "Apply", "time": "2026-11-23T12:00:00Z"},
        ]
        metadata = {**one.get("metadata", {}), "managedFields": fields}
        return super().put(path, {**one, "metadata": metadata})


def replicas(leases: Leases, clock: Clock, name: str) -> Replicas:
    """One replica's view."""
    return Replicas(leases, "n", name, clock=clock)


def test_what_a_replica_says() -> None:
    """Its Lease has the annotations, the label, its name and how long it counts."""
    leases = Leases()

    asyncio.run(replicas(leases, Clock(), "web-1").publish(A, "steady"))

    one = leases.stored[f"{LEASES}/spanhook-webhook-replica-web-1"]
    assert one["metadata"]["labels"] == {"spanhook.dev/component": "webhook-replica"}
    said = one["metadata"]["annotations"]
    version = said.pop("spanhook.dev/version")
    assert re.fullmatch(r"\d+\.\d+\.\d+.*", version)
    assert said == {
        "spanhook.dev/serving": bundle.fingerprint(A.certificate),
        "spanhook.dev/serving-issuer": bundle.issuer(A.certificate),
        "spanhook.dev/serving-expires": "2026-12-23T12:00:00Z",
        "spanhook.dev/certificates": "own",
        "spanhook.dev/rotation": "steady",
    }
    assert one["spec"]["holderIdentity"] == "web-1"
    assert one["spec"]["leaseDurationSeconds"] == 30


def test_starting_replica() -> None:
    """Before it serves anything its Lease says so by saying nothing of it."""
    leases = Leases()

    asyncio.run(replicas(leases, Clock(), "web-1").publish(None))

    (one,) = leases.stored.values()
    assert set(one["metadata"]["annotations"]) == {
        "spanhook.dev/version",
        "spanhook.dev/certificates",
    }


def test_api_servers_time() -> None:
    """The answer to our own apply tells what time it is there; what others wrote does not count."""
    told = asyncio.run(replicas(Leases(), Clock(), "web-1").publish(A))

    assert told == datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_who_lives() -> None:
    """A Lease counts while it changes, by our own clock; a starting replica serves nothing yet."""

    async def play() -> None:
        leases, clock = Leases(), Clock()
        one, two, three = (replicas(leases, clock, name) for name in ("r1", "r2", "r3"))
        assert await one.others() == {}
        await one.publish(A)
        await two.publish(B)
        await three.publish(None)
        serves_b = {"r2": bundle.issuer(B.certificate)}
        assert await one.others() == serves_b
        for _ in range(2):
            clock.now += 12
            assert await one.others() == serves_b
        clock.now += 12
        assert await one.others() == {}
        await two.publish(B)
        assert await one.others() == serves_b

    asyncio.run(play())


def test_who_looked_away_does_not_bury() -> None:
    """After the API server was away for long nobody counts as gone who could not renew."""

    async def play() -> None:
        leases, clock = Leases(), Clock()
        one, two = (replicas(leases, clock, name) for name in ("r1", "r2"))
        await two.publish(B)
        await one.others()
        clock.now += 3600
        assert list(await one.others()) == ["r2"]
        await one.sweep()
        assert len(leases.stored) == 1

    asyncio.run(play())


def test_the_dead_are_buried() -> None:
    """A Lease that nobody renewed for a quarter of an hour is deleted; our own is not."""

    async def play() -> None:
        leases, clock = Leases(), Clock()
        one, two = (replicas(leases, clock, name) for name in ("r1", "r2"))
        await one.publish(A)
        await two.publish(B)
        for _ in range(92):
            await one.sweep()
            clock.now += 10
        assert list(leases.stored) == [f"{LEASES}/spanhook-webhook-replica-r1"]
        await one.sweep()
        assert leases.counted("delete") == 1

    asyncio.run(play())


def test_leaving() -> None:
    """A replica that stops takes its Lease away, if it ever said anything."""

    async def play() -> None:
        leases = Leases()
        one = replicas(leases, Clock(), "r1")
        await one.remove()
        assert leases.asked == []
        await one.publish(A)
        await one.remove()
        await one.remove()
        assert leases.stored == {}
        leases.interrupt = lambda _verb, path: ApiError(500, "InternalError", path)
        with pytest.raises(ApiError):
            await one.remove()

    asyncio.run(play())


_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
ODD = ["Web_1", "web-1-", ".", "a..b", "-", "ä", "", "x" * 300, "node.Example.com", "a" * 250]


@pytest.mark.parametrize("name", ["web-1", "spanhook-webhook-6c8b5f9d7c-x2v4q", "node-1.example"])
def test_names_that_any_object_may_have(name: str) -> None:
    """A pod's name stands in the Lease's as it is."""
    assert lease_name(name) == f"spanhook-webhook-replica-{name}"


@pytest.mark.parametrize("name", ODD)
def test_names_that_no_object_may_have(name: str) -> None:
    """Whatever a replica is called, its Lease has a valid name, and one of its own."""
    made = lease_name(name)

    assert _NAME.fullmatch(made)
    assert len(made) <= 253
    assert len({lease_name(one) for one in ODD}) == len(ODD)
