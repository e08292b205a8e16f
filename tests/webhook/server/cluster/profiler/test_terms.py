"""Who leads profiles, and who does not is idle: against a real API server and registry."""

import asyncio

from tests.cluster import Cluster
from tests.registry import debian
from tests.waiting import eventually
from tests.webhook.server.cluster.profiler.stage import IN, Stage, play
from tests.webhook.server.cluster.profiler.workloads import workload


def test_another_replica_takes_over(cluster: Cluster, registry: debian.Running) -> None:
    """The next leader asks nothing that profiles hold, and goes on with what is new."""

    async def act(stage: Stage) -> None:
        first, second = stage.push("term/first"), stage.push("term/second")
        with stage.cluster.namespace(IN) as shop:
            stage.cluster.create(workload(first), namespace=shop)
            one = stage.start("r1")
            await stage.profile("term/first")
            two = stage.start("r2")
            await eventually(lambda: first in two.facts.images, "the follower knows it, too")
            assert two.asked == []

            await one.stop()
            stage.cluster.create(workload(second, name="pay"), namespace=shop)
            await stage.profile("term/second")

            assert two.asked_about("term/first") == []
            assert one.asked_about("term/second") == []
            said = [line["message"] for line in two.recording.lines]
            assert said.index("leads the replicas") < said.index("profiler: begins")
            assert [line["message"] for line in one.recording.lines].count("profiler: ends") == 1

    play(cluster, registry, act)


def test_leadership_that_is_lost(cluster: Cluster, registry: debian.Running) -> None:
    """It stops at once, its memory is let go, and it begins anew when it leads again."""

    async def act(stage: Stage) -> None:
        reference = stage.push("lost/cart")
        with stage.cluster.namespace(IN) as shop:
            one = stage.start("r1")
            await eventually(lambda: one.profiler._term, "it is at work")
            lease = {"spec": {"holderIdentity": "somebody", "leaseDurationSeconds": 3600}}
            stage.cluster.patch("Lease", "spanhook-webhook", lease, stage.home)
            await eventually(lambda: one.profiler._term is None, "it stops")
            stage.cluster.create(workload(reference), namespace=shop)
            assert one.recording.metric("spanhook_profiler_wanted_images") == 0
            assert one.asked == []

            lease = {"spec": {"holderIdentity": ""}}
            stage.cluster.patch("Lease", "spanhook-webhook", lease, stage.home)
            await stage.profile("lost/cart")

    play(cluster, registry, act)


def test_settings_that_switch_it_off(cluster: Cluster, registry: debian.Running) -> None:
    """Nothing is asked while it is off; it begins when it is on."""

    async def act(stage: Stage) -> None:
        reference = stage.push("off/cart")
        with stage.cluster.namespace(IN) as shop:
            one = stage.start("r1", enabled=False)
            stage.cluster.create(workload(reference), namespace=shop)
            await eventually(lambda: one.leadership.is_leader, "it leads")
            await asyncio.sleep(0)
            assert (one.profiler._term, one.asked) == (None, [])

            one.set(stage.settings())
            await stage.profile("off/cart")
            one.set(stage.settings(enabled=False))
            await eventually(lambda: one.profiler._term is None, "it stops")

    play(cluster, registry, act)
