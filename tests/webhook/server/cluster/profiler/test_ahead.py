"""Against a real API server and a real registry: images are known before there is a pod."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.cluster import Cluster
from tests.registry import debian, images
from tests.registry.pushing import push
from tests.waiting import eventually, until
from tests.webhook.server.cluster.profiler.stage import IN, Stage, play
from tests.webhook.server.cluster.profiler.workloads import pod, workload
from tests.webhook.server.cluster.running import Running, running

KINDS = ("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob")
SETTINGS = """\
imageInspection:
  plainHttp: ["{host}"]
  local: ["{host}"]
"""


def test_templates_of_every_kind(cluster: Cluster, registry: debian.Running) -> None:
    """Workloads that have no pod yet: their images are known, in the cluster and here."""

    async def act(stage: Stage) -> None:
        references = {kind: stage.push(f"kinds/{kind.lower()}") for kind in KINDS}
        with stage.cluster.namespace(IN) as shop:
            for kind, reference in references.items():
                made = workload(reference, kind, kind.lower())
                assert stage.cluster.create(made, namespace=shop).status == 201
            one = stage.start("r1")
            for kind in KINDS:
                profile = await stage.profile(f"kinds/{kind.lower()}")
                assert profile.platforms[0].image.cmd == ("python3",)
                assert one.asked_about(f"kinds/{kind.lower()}") == [
                    f"resolve kinds/{kind.lower()}",
                    f"learn kinds/{kind.lower()}",
                ]
            assert all(reference in one.facts.images for reference in references.values())
            await eventually(lambda: one.count("learnt") == len(KINDS), "all are counted")

    play(cluster, registry, act)


@pytest.fixture
def shop(cluster: Cluster) -> Iterator[str]:
    """A namespace that is not opted in yet."""
    with cluster.namespace() as name:
        yield name


def test_pods_are_admitted_without_a_request(cluster: Cluster, shop: str, tmp_path: Path) -> None:
    """A namespace with workloads opts in; then its pods are instrumented without the registry."""
    settings = tmp_path / "settings.yaml"
    with ExitStack() as stack:
        home = stack.enter_context(cluster.namespace())
        while_it_runs = stack.enter_context(ExitStack())
        registry = while_it_runs.enter_context(debian.serving(tmp_path))
        references = [_pushed(registry, number) for number in range(5)]
        for number, reference in enumerate(references):
            one = workload(reference, name=f"cart-{number}")
            assert cluster.create(one, namespace=shop).status == 201
        settings.write_text(SETTINGS.format(host=registry.host))
        webhook = stack.enter_context(
            running(cluster.kubeconfig, tmp_path, home, inspection=True, settings=settings)
        )
        until(lambda: webhook.metric("spanhook_leader") == 1, "it leads")
        assert webhook.metric("spanhook_profiler_wanted_images") == 0
        cluster.patch("Namespace", shop, {"metadata": {"labels": IN}})
        learnt = 'spanhook_profiler_images_total{outcome="learnt"}'
        until(lambda: webhook.metric(learnt) == len(references), "all images are learnt")

        while_it_runs.close()

        _admit(webhook, references * 10, shop)


def _pushed(registry: debian.Running, number: int) -> str:
    """An image of which nothing but the image tells the language."""
    labels = {"number": str(number)}
    made = images.image(configuration=images.config(Labels=labels))
    push(registry.url, "steady/cart", made, str(number))
    return f"{registry.host}/steady/cart:{number}"


def _admit(webhook: Running, references: list[str], shop: str) -> None:
    """Pods of the images are instrumented, and nobody is asked about them."""
    requests = webhook.metric("spanhook_profiler_requests_total")
    for reference in references:
        answered = webhook.review(shop, pod(reference))
        assert (answered.decisions, answered.warnings) == ("app=inject:python", [])

    assert webhook.metric("spanhook_image_lookup_requests_total") == 0
    assert webhook.metric("spanhook_profiler_requests_total") == requests
    assert webhook.metric("spanhook_profiler_queue_length") == 0


def test_a_namespace_that_is_not_opted_in(cluster: Cluster, registry: debian.Running) -> None:
    """Its images cause no request; those of its pods that are opted in by label do."""

    async def act(stage: Stage) -> None:
        out, single = stage.push("plain/out"), stage.push("plain/single")
        with stage.cluster.namespace() as shop:
            stage.cluster.create(workload(out), namespace=shop)
            stage.cluster.create(pod(out, "cart-1"), namespace=shop)
            stage.cluster.create(pod(single, "cart-2", IN), namespace=shop)
            one = stage.start("r1")
            await stage.profile("plain/single")

            assert one.asked_about("plain/out") == []
            assert stage.profiles("plain/out") == []

    play(cluster, registry, act)
