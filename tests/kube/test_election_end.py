import asyncio

from kube.client import connect
from kube.election import Election
from tests.cluster import Cluster
from tests.kube.electing import AWAY, Scene, leading, run, stop
from tests.waiting import eventually


def test_stopped_leader_lets_go() -> None:
    """Cancelled, a leader empties the Lease; the next candidate need not wait."""

    async def play(scene: Scene) -> None:
        a, b = scene.candidate("a"), scene.candidate("b")
        task = asyncio.create_task(a.run())
        await eventually(lambda: a.is_leader, "it leads")
        await b.attempt()
        await stop(task)
        assert scene.spec["holderIdentity"] == ""
        await b.attempt()
        assert (a.is_leader, b.is_leader) == (False, True)

    assert run(play).told == [("a", True), ("a", False), ("b", True)]


def test_stopped_follower_touches_nothing() -> None:
    """Only who leads lets go of the Lease."""

    async def play(scene: Scene) -> None:
        a, b = scene.candidate("a"), scene.candidate("b")
        await a.attempt()
        task = asyncio.create_task(b.run())
        await eventually(lambda: len(scene.objects.asked) > 2, "it has looked")
        await stop(task)

    assert run(play).spec["holderIdentity"] == "a"


def test_stopping_while_nobody_answers() -> None:
    """The Lease that cannot be let go of ends by itself."""

    async def play(scene: Scene) -> None:
        a = scene.candidate("a")
        task = asyncio.create_task(a.run())
        await eventually(lambda: a.is_leader, "it leads")
        scene.objects.interrupt = lambda _verb, _path: AWAY
        await stop(task)
        assert not a.is_leader

    run(play)


def test_real_api_server(api: Cluster) -> None:
    """Candidates at a real API server: one leads, and when it stops the next one, to the last."""

    async def play(namespace: str) -> None:
        async with connect(api.kubeconfig) as client:
            names = ("a", "b", "c")
            candidates = {name: Election(client, namespace, "leader", name) for name in names}
            tasks = {name: asyncio.create_task(one.run()) for name, one in candidates.items()}

            def leaders() -> list[str]:
                return leading(*candidates.values())

            for _ in names:
                # One who is held up may lose the Lease between two looks.
                (leader,) = await eventually(leaders, "one leads")
                await stop(tasks[leader])
            lease = await client.get(
                f"/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases/leader"
            )
            assert lease["spec"]["holderIdentity"] == ""
            assert lease["spec"]["leaseTransitions"] >= 2

    with api.namespace() as namespace:
        asyncio.run(play(namespace))
