"""Rotations at a real API server, under calls that nobody may see fail (`failurePolicy: Fail`)."""

from pathlib import Path

from tests.cluster import Cluster
from tests.cluster.reliability.fleet import Replica
from tests.waiting import until
from tests.webhook.server.cluster.certificates.stage import Calling, Stage, settle, stage


def authority(one: Stage) -> bytes:
    """What signs now."""
    return one.data()["ca.crt"]


def renew(one: Stage) -> None:
    """Ask for another leaf, and wait until everybody serves it."""
    before = set(one.served().values())
    one.ask("leaf")
    until(lambda: before.isdisjoint(one.served().values()), "another leaf")
    settle(one)


def kill_leader_at(one: Stage, key: str) -> Replica:
    """Ask for another authority, and kill the leader when the Secret has the key."""
    first = authority(one)
    one.ask("authority")
    until(lambda: one.data().get(key), key, 60)
    leader = one.leader()
    assert leader is not None
    # Its endpoint goes with it: what an API server does with calls to the dead is not ours.
    one.fleet.publish(leader, ready=False)
    with Calling(one) as calling:
        leader.kill()
        until(lambda: first not in one.data().values(), "the rotation ends", 120)
    calling.check()
    one.fleet.replicas.remove(leader)
    return leader


def test_leaf(api: Cluster, tmp_path: Path) -> None:
    """A leaf is replaced in one step: every replica serves the new one, no call fails."""
    with stage(api, tmp_path) as one:
        one.fleet.scale_up(2)
        settle(one)
        before, trusted = one.served(), authority(one)
        with Calling(one) as calling:
            for _ in range(3):
                renew(one)
            until(lambda: calling.count > 50, "calls")
        calling.check()

        assert set(before.values()).isdisjoint(one.served().values())
        assert trusted == authority(one)
        assert "spanhook.dev/rotate" not in (one.secret() or {})["metadata"].get("annotations", {})


def test_authority(api: Cluster, tmp_path: Path) -> None:
    """An authority is replaced step by step, with both in the bundle meanwhile; no call fails."""
    seen: set[int] = set()
    with stage(api, tmp_path) as one:
        one.fleet.scale_up(3)
        settle(one)
        first = authority(one)
        with Calling(one) as calling:
            one.ask("authority")

            def done() -> bool:
                seen.update(len(entry) for entry in one.bundles())
                return first not in one.data().values() and one.settled()

            until(done, "the rotation ends", 120)
        calling.check()

        moves = ("next authority", "leaf of the next authority", "previous authority")
        times = [line["time"] for move in moves for line in one.said(move)]
        assert len(times) == len(moves)
        assert times == sorted(times)
        assert seen == {1, 2}
        assert first not in [certificate for entry in one.bundles() for certificate in entry]


def test_replicas_come_and_go_meanwhile(api: Cluster, tmp_path: Path) -> None:
    """Every replica is replaced while the authority is; no call fails."""
    with stage(api, tmp_path) as one:
        one.fleet.scale_up(2)
        settle(one)
        with Calling(one) as calling:
            first = authority(one)
            one.ask("authority")
            one.fleet.roll()
            until(lambda: first not in one.data().values(), "the rotation ends", 90)
            settle(one)
        calling.check()

        assert set(one.leases()) == {replica.name for replica in one.fleet.replicas}


def test_leader_killed_in_the_middle(api: Cluster, tmp_path: Path) -> None:
    """Another replica takes over from where the killed leader was, and ends the rotation."""
    with stage(api, tmp_path) as one:
        one.fleet.scale_up(3)
        settle(one)
        killed = kill_leader_at(one, "ca-next.crt")
        leader = one.leader()

        assert leader not in (None, killed)
        assert one.said("previous authority retired")


def test_wish_that_nobody_knows(api: Cluster, tmp_path: Path) -> None:
    """An annotation with another value is named in an Event, and nothing rotates."""
    with stage(api, tmp_path) as one:
        one.fleet.scale_up(1)
        settle(one)
        before = one.data()
        one.ask("everything")
        until(lambda: one.events("RotationUnknown"), "the Event")

        assert (
            '"everything" is neither authority nor leaf' in one.events("RotationUnknown")[0]["note"]
        )
        assert before == one.data()
