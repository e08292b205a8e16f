"""Against a real API server and a real registry: images are known before there is a pod."""

from tests.cluster import Cluster
from tests.registry import debian
from tests.webhook.server.cluster.profiler.stage import Stage, play, workload

IN = {"spanhook.dev/instrument": "enabled"}


def test_templates_of_every_kind(cluster: Cluster, registry: debian.Running) -> None:
    """Workloads that have no pod yet: their images are known, in the cluster and here."""
    kinds = ("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob")

    async def act(stage: Stage) -> None:
        references = {kind: stage.push(f"kinds/{kind.lower()}") for kind in kinds}
        with stage.cluster.namespace(IN) as shop:
            for kind, reference in references.items():
                made = workload(reference, kind, kind.lower())
                assert stage.cluster.create(made, namespace=shop).status == 201
            one = stage.start("r1")
            for kind in kinds:
                profile = await stage.profile(f"kinds/{kind.lower()}")
                assert profile.platforms[0].image.cmd == ("python3",)
                assert one.asked_about(f"kinds/{kind.lower()}") == [
                    f"resolve kinds/{kind.lower()}",
                    f"learn kinds/{kind.lower()}",
                ]
            assert all(reference in one.facts.images for reference in references.values())
            assert one.count("learnt") == 5

    play(cluster, registry, act)
