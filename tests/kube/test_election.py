import asyncio

import pytest

from kube.errors import ApiError, KubeError
from tests.kube.electing import AWAY, LEASE, Scene, leading, run


def test_first_candidate_leads() -> None:
    """Where there is no Lease, one is made, and its maker leads."""

    async def play(scene: Scene) -> None:
        a, b = scene.candidate("a"), scene.candidate("b")
        await a.attempt()
        await b.attempt()
        assert (a.is_leader, b.is_leader) == (True, False)

    scene = run(play)
    assert (scene.spec["holderIdentity"], scene.spec["leaseDurationSeconds"]) == ("a", 15)
    assert scene.told == [("a", True)]


def test_of_two_that_start_together_one_leads() -> None:
    """Both see no Lease; who creates it second is refused and follows."""

    async def play(scene: Scene) -> None:
        a, b = scene.candidate("a"), scene.candidate("b")
        await asyncio.gather(a.attempt(), b.attempt())
        assert a.is_leader != b.is_leader

    run(play)


def test_leader_renews() -> None:
    """A leader that renews goes on leading, with one request each time."""

    async def play(scene: Scene) -> None:
        a, b = scene.candidate("a"), scene.candidate("b")
        await a.attempt()
        asked = len(scene.objects.asked)
        for _ in range(20):
            scene.clock.now += 5
            await a.attempt()
        assert [verb for verb, _ in scene.objects.asked[asked:]] == ["replace"] * 20
        await b.attempt()
        assert (a.is_leader, b.is_leader) == (True, False)

    assert run(play).spec["leaseTransitions"] == 0


def test_leadership_ends_by_the_clock_alone() -> None:
    """Without an answer, who led does not lead any more before another may."""

    async def play(scene: Scene) -> None:
        a, b = scene.candidate("a"), scene.candidate("b")
        await a.attempt()
        await b.attempt()
        scene.objects.interrupt = lambda _verb, _path: AWAY
        scene.clock.now += 9.9
        assert leading(a) == ["a"]
        scene.clock.now += 0.2
        assert leading(a) == []
        await a.attempt()
        assert a.error == "nobody there"
        scene.objects.interrupt = lambda _verb, _path: None
        await b.attempt()
        assert not b.is_leader
        scene.clock.now += 5
        await b.attempt()
        assert b.is_leader

    scene = run(play)
    assert scene.told == [("a", True), ("a", False), ("b", True)]
    assert scene.spec["leaseTransitions"] == 1


def test_slow_answer_counts_from_the_question() -> None:
    """Others count from when they saw the Lease, we from when we asked for it."""

    async def play(scene: Scene) -> None:
        a = scene.candidate("a")

        def slow(verb: str, _path: str) -> KubeError | None:
            scene.clock.now += 4 if verb == "create" else 0
            return None

        scene.objects.interrupt = slow
        await a.attempt()
        scene.clock.now += 5.9
        assert leading(a) == ["a"]
        scene.clock.now += 0.2
        assert leading(a) == []

    run(play)


def test_changed_lease_is_left_alone() -> None:
    """However long we look on: as long as it is renewed, the Lease is another's."""

    async def play(scene: Scene) -> None:
        a, b = scene.candidate("a"), scene.candidate("b")
        for _ in range(10):
            await a.attempt()
            await b.attempt()
            scene.clock.now += 9
            assert not b.is_leader

    run(play)


def test_times_that_others_wrote_do_not_matter() -> None:
    """A holder whose clock is years off keeps its Lease like any other."""

    async def play(scene: Scene) -> None:
        b = scene.candidate("b")
        spec = {
            "holderIdentity": "a",
            "leaseDurationSeconds": 20,
            "renewTime": "1999-01-01T00:00:00.000000Z",
        }
        scene.objects.put(LEASE, {"spec": spec})
        await b.attempt()
        scene.clock.now += 19
        await b.attempt()
        assert not b.is_leader
        scene.clock.now += 2
        await b.attempt()
        assert b.is_leader

    run(play)


def test_who_is_replaced_follows_at_once() -> None:
    """A leader that sees another's name in the Lease does not lead, whatever its clock says."""

    async def play(scene: Scene) -> None:
        a = scene.candidate("a")
        await a.attempt()
        scene.objects.put(LEASE, {"spec": {"holderIdentity": "b", "leaseDurationSeconds": 15}})
        await a.attempt()
        await a.attempt()
        assert not a.is_leader

    assert run(play).told == [("a", True), ("a", False)]


def test_answer_that_was_lost() -> None:
    """A renewal that arrived though its answer did not is found, and goes on."""

    async def play(scene: Scene) -> None:
        a = scene.candidate("a")
        await a.attempt()
        scene.objects.put(LEASE, scene.objects.stored[LEASE])
        await a.attempt()
        assert a.is_leader
        await a.attempt()
        assert (a.is_leader, a.error) == (True, None)

    assert run(play).told == [("a", True)]


def test_deleted_lease_is_made_anew() -> None:
    """A Lease that somebody deleted costs nobody the lead."""

    async def play(scene: Scene) -> None:
        a = scene.candidate("a")
        await a.attempt()
        del scene.objects.stored[LEASE]
        await a.attempt()
        await a.attempt()
        assert a.is_leader

    assert run(play).spec["holderIdentity"] == "a"


def test_same_name_again() -> None:
    """A container that was restarted in its pod leads at once if it did before."""

    async def play(scene: Scene) -> None:
        await scene.candidate("a").attempt()
        again = scene.candidate("a")
        await again.attempt()
        assert again.is_leader

    run(play)


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(AWAY, id="nobody there"),
        pytest.param(ApiError(403, "Forbidden", "no"), id="forbidden"),
        pytest.param(ApiError(500, "InternalError", "etcd"), id="broken"),
    ],
)
def test_errors_are_kept_for_who_asks(error: KubeError) -> None:
    """Whatever the API server says, the candidate goes on trying."""

    async def play(scene: Scene) -> None:
        a = scene.candidate("a")
        scene.objects.interrupt = lambda _verb, _path: error
        await a.attempt()
        assert (a.is_leader, a.error) == (False, str(error))
        scene.objects.interrupt = lambda _verb, _path: None
        await a.attempt()
        assert (a.is_leader, a.error) == (True, None)

    run(play)
