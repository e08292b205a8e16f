"""Layers in the background: against a real API server and registry."""

from tests.cluster import Cluster
from tests.registry import debian, images
from tests.waiting import eventually
from tests.webhook.server.cluster.profiler.stage import IN, Stage, play
from tests.webhook.server.cluster.profiler.workloads import workload

SCRIPT = b"#!/usr/bin/env python3\nprint('cart')\n"
PLAIN = {"Env": ["PATH=/usr/bin:/bin"], "Cmd": ["/srv/start"]}
LAYER = images.layer({"srv/start": SCRIPT, "usr/bin/python3.12": b"\x7fELF"})


def test_layers(cluster: Cluster, registry: debian.Running) -> None:
    """Where the configuration does not tell, layers are read, once for each command line."""

    async def act(stage: Stage) -> None:
        reference = stage.push("layers/cart", "1", LAYER, **PLAIN)
        with stage.cluster.namespace(IN) as shop:
            stage.cluster.create(workload(reference), namespace=shop)
            stage.cluster.create(workload(reference, name="second"), namespace=shop)
            one = stage.start("r1")
            profile = await eventually(
                lambda: next((p for p in stage.profiles("layers/cart") if p.commands), None),
                "the layers told",
            )
            (command,) = profile.commands
            assert (command.language, command.state) == ("python", "decided")
            assert [asked for asked in one.asked if asked.startswith("look")] == [
                "look layers/cart [('/srv/start',)]"
            ]
            await eventually(lambda: one.facts.images[reference].layers, "it is known here")
            assert one.recording.metric("spanhook_profiler_layer_bytes_hour")

            other = workload(reference, name="third", command=["/srv/other"])
            stage.cluster.create(other, namespace=shop)
            await eventually(
                lambda: len(stage.profiles("layers/cart")[0].commands) == 2, "another command line"
            )
            await eventually(lambda: one.count("layers") == 2, "both are counted")

    play(cluster, registry, act)


def test_layers_that_the_settings_do_not_want(cluster: Cluster, registry: debian.Running) -> None:
    """Then the configuration is all that is known."""

    async def act(stage: Stage) -> None:
        reference = stage.push("unread/cart", "1", LAYER, **PLAIN)
        with stage.cluster.namespace(IN) as shop:
            stage.cluster.create(workload(reference), namespace=shop)
            one = stage.start("r1", layers=False)
            await stage.profile("unread/cart")
            # What is planned after it is learnt later than it.
            stage.cluster.create(workload(stage.push("unread/next"), name="next"), namespace=shop)
            await stage.profile("unread/next")

            assert not [asked for asked in one.asked if asked.startswith("look")]

    play(cluster, registry, act)
