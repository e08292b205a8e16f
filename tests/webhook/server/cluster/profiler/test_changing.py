"""Tags that move, profiles that grow old or go: against a real API server and registry."""

from functools import partial

from tests.cluster import Cluster
from tests.registry import debian
from tests.waiting import eventually
from tests.webhook.server.cluster.profiler.stage import IN, Stage, play
from tests.webhook.server.cluster.profiler.workloads import pod, workload


def test_a_tag_that_moves(cluster: Cluster, registry: debian.Running) -> None:
    """It is asked for again before its age is up, and what it names now is learnt."""

    async def act(stage: Stage) -> None:
        reference = stage.push("moved/cart")
        with stage.cluster.namespace(IN) as shop:
            stage.cluster.create(workload(reference), namespace=shop)
            one = stage.start("r1", tag_age=2.0)
            before = await stage.profile("moved/cart")
            stage.push("moved/cart", Cmd=["node", "server.js"])
            await eventually(lambda: len(stage.profiles("moved/cart")) == 2, "the new one is known")
            await eventually(
                lambda: one.facts.images[reference].cmd == ("node", "server.js"),
                "the tag names the new one",
            )
            assert before.digest in {one.digest for one in stage.profiles("moved/cart")}
            await eventually(lambda: one.count("refreshed") >= 1, "it is asked for again")
            assert one.asked.count("learn moved/cart") == 2

    play(cluster, registry, act)


def test_a_node_that_runs_something_newer(cluster: Cluster, registry: debian.Running) -> None:
    """What a node says that it runs tells of the move long before the tag's age is up."""

    async def act(stage: Stage) -> None:
        reference = stage.push("node/cart")
        with stage.cluster.namespace(IN) as shop:
            stage.cluster.create(pod(reference), namespace=shop)
            one = stage.start("r1")

            def asked(count: int) -> bool:
                return one.asked.count("resolve node/cart") == count

            await stage.profile("node/cart")
            stage.push("node/cart", Cmd=["node", "server.js"])
            for count, digest in ((2, "9" * 64), (3, "8" * 64)):
                stage.run("cart-1", shop, f"{registry.host}/node/cart@sha256:{digest}")
                await eventually(partial(asked, count), "the tag is asked for")
            # What is asked for last is written a moment later.
            await eventually(lambda: len(stage.profiles("node/cart")) == 2, "both are known")
            assert asked(3)

    play(cluster, registry, act)


def test_profiles_are_shared_by_what_they_are_of(
    cluster: Cluster, registry: debian.Running
) -> None:
    """Two tags of one image are one profile; the second costs one request."""

    async def act(stage: Stage) -> None:
        first = stage.push("shared/cart", "1")
        second = stage.push("shared/cart", "2")
        with stage.cluster.namespace(IN) as shop:
            stage.cluster.create(workload(first), namespace=shop)
            one = stage.start("r1")
            await stage.profile("shared/cart")
            stage.cluster.create(workload(second, name="second"), namespace=shop)
            await eventually(lambda: one.count("refreshed") == 1, "the second tag is asked for")
            await eventually(
                lambda: len(stage.profiles("shared/cart")[0].references) == 2, "it is written"
            )
            assert one.asked.count("learn shared/cart") == 1

    play(cluster, registry, act)


def test_garbage(cluster: Cluster, registry: debian.Running) -> None:
    """What is used is noted, what is not is deleted in its time; what is new stays."""

    async def act(stage: Stage) -> None:
        with stage.cluster.namespace(IN) as shop:
            kept, new = stage.push("garbage/kept"), stage.push("garbage/new")
            stage.cluster.create(workload(kept), namespace=shop)
            stage.cluster.create(workload(new, name="new"), namespace=shop)
            one = stage.start("r1", keep_unused=0)
            profile, fresh = await stage.profile("garbage/kept"), await stage.profile("garbage/new")
            stale = stage.stale("garbage/stale")
            stage.cluster.delete("Deployment", "new", shop)

            await eventually(lambda: not stage.there(stale), "the old one is gone")
            await eventually(lambda: stage.last_used(profile), "the use is noted")
            assert stage.there(fresh)
            await eventually(
                lambda: one.recording.metric("spanhook_profiler_garbage_total"), "it is counted"
            )

    play(cluster, registry, act)


def test_a_profile_that_somebody_deletes(cluster: Cluster, registry: debian.Running) -> None:
    """Then it is learnt anew."""

    async def act(stage: Stage) -> None:
        reference = stage.push("deleted/cart")
        with stage.cluster.namespace(IN) as shop:
            stage.cluster.create(workload(reference), namespace=shop)
            one = stage.start("r1")
            stage.delete(await stage.profile("deleted/cart"))
            await eventually(lambda: one.count("learnt") == 2, "it is learnt again")
            await stage.profile("deleted/cart")

    play(cluster, registry, act)


def test_what_older_code_learnt(cluster: Cluster, registry: debian.Running) -> None:
    """It is used until it is learnt anew, and then in its place."""

    async def act(stage: Stage) -> None:
        reference = stage.push("old/cart")
        with stage.cluster.namespace(IN) as shop:
            stage.cluster.create(workload(reference), namespace=shop)
            one = stage.start("r1")
            profile = await stage.profile("old/cart")
            await one.stop()
            stage.age(profile, revision=0)
            two = stage.start("r2")
            await eventually(
                lambda: stage.profiles("old/cart")[0].revision == profile.revision,
                "it is new again",
            )
            assert two.asked_about("old/cart") == ["learn old/cart"]
            assert stage.profiles("old/cart")[0].references == profile.references

    play(cluster, registry, act)
