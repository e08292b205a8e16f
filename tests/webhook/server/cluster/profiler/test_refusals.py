"""Images that cannot be had: against a real API server and registry."""

from contextlib import ExitStack
from typing import Any

import pytest

from tests.cluster import Cluster
from tests.registry import debian
from tests.waiting import eventually
from tests.webhook.server.cluster.profiler.stage import IN, Stage, play
from tests.webhook.server.cluster.profiler.workloads import workload


@pytest.fixture(scope="module")
def private(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A registry that wants a password."""
    directory = tmp_path_factory.mktemp("private")
    with debian.serving(directory, auth=debian.password_file(directory)) as running_one:
        yield running_one


def test_a_registry_that_refuses(cluster: Cluster, private: debian.Running) -> None:
    """A person is told once, on the workload; with our own pull secret it is learnt."""

    async def act(stage: Stage) -> None:
        reference = stage.push("private/cart")
        with stage.cluster.namespace(IN) as shop:
            stage.cluster.create(workload(reference), namespace=shop)
            one = stage.start("r1")
            (event,) = await eventually(lambda: one.events, "an Event")
            about = event.regarding
            assert (about.kind, about.name, about.namespace) == ("Deployment", "cart", shop)
            assert about.uid
            assert reference in event.note
            assert event.reason == "ImageNotReadable"
            await one.stop()

            stage.pull_secret()
            stage.start("r2")
            await stage.profile("private/cart")
            assert one.count("unauthorized") >= 1

    play(cluster, private, act)


def test_pull_secrets_of_pods(cluster: Cluster, private: debian.Running) -> None:
    """With the setting, the Secret that the template names does."""

    async def act(stage: Stage) -> None:
        reference = stage.push("named/cart")
        with stage.cluster.namespace(IN) as shop:
            stage.pull_secret(shop, "regcred")
            made = workload(reference)
            made["spec"]["template"]["spec"]["imagePullSecrets"] = [{"name": "regcred"}]
            stage.cluster.create(made, namespace=shop)
            stage.start("r1", read_pull_secrets=True)
            await stage.profile("named/cart")

    play(cluster, private, act)


def test_an_image_that_is_not_there(cluster: Cluster, registry: debian.Running) -> None:
    """Said once, counted, tried again later; others are learnt meanwhile."""

    async def act(stage: Stage) -> None:
        there = stage.push("absent/there")
        with stage.cluster.namespace(IN) as shop:
            stage.cluster.create(
                workload(f"{registry.host}/absent/nobody:1", name="nobody"), namespace=shop
            )
            one = stage.start("r1")
            await eventually(lambda: one.count("not_found") == 1, "it is counted")
            stage.cluster.create(workload(there), namespace=shop)
            await stage.profile("absent/there")

            lines = [x for x in one.recording.lines if x["message"].endswith("cannot be learnt")]
            assert len(lines) == 1
            assert "absent/nobody" in lines[0]["why"]
            assert one.recording.metric("spanhook_profiler_failing_images") == 1
            stage.cluster.delete("Deployment", "nobody", shop)
            await eventually(
                lambda: one.recording.metric("spanhook_profiler_failing_images") == 0,
                "nobody wants it any more",
            )

    play(cluster, registry, act)


def test_objects_that_may_not_be_read(cluster: Cluster, registry: debian.Running) -> None:
    """It is said which, once; images of all other kinds are learnt."""

    async def act(stage: Stage) -> None:
        hidden, shown = stage.push("right/hidden"), stage.push("right/shown")
        with stage.cluster.namespace(IN) as shop:
            stage.cluster.create(workload(hidden, "Job", "hidden"), namespace=shop)
            stage.cluster.create(workload(shown), namespace=shop)
            one = stage.start("r1", "/apis/batch/v1/jobs")
            await stage.profile("right/shown")

            said = [x for x in one.recording.lines if "may not be read" in x["message"]]
            assert [(x["level"], x["error"]) for x in said] == [
                ("warning", "403 Forbidden: no right")
            ]
            assert "jobs" in said[0]["message"]
            assert stage.profiles("right/hidden") == []

    play(cluster, registry, act)


def test_a_bug(cluster: Cluster, registry: debian.Running) -> None:
    """What one image makes fail costs the others nothing."""

    async def act(stage: Stage) -> None:
        broken, sound = stage.push("sound/bug"), stage.push("sound/cart")
        with stage.cluster.namespace(IN) as shop:
            stage.cluster.create(workload(broken, name="broken"), namespace=shop)
            stage.cluster.create(workload(sound), namespace=shop)
            one = stage.start("r1")
            await stage.profile("sound/cart")
            await eventually(lambda: one.count("bug") == 1, "it is counted")

            (line,) = [x for x in one.recording.lines if x["message"] == "profiler: image failed"]
            assert "RuntimeError: a bug" in line["traceback"]

    play(cluster, registry, act)


def test_nodes_that_the_image_is_not_built_for(cluster: Cluster, registry: debian.Running) -> None:
    """What the image has is learnt in place of what it has not, and not asked for again."""

    async def act(stage: Stage) -> None:
        reference = stage.push("platform/cart")
        made = workload(reference)
        made["spec"]["template"]["spec"]["nodeSelector"] = {"kubernetes.io/arch": "s390x"}
        with stage.cluster.namespace(IN) as shop:
            stage.cluster.create(made, namespace=shop)
            one = stage.start("r1")
            profile = await stage.profile("platform/cart")
            assert [p.platform for p in profile.platforms] == ["linux/amd64"]
            stage.cluster.create(workload(stage.push("platform/next"), name="n"), namespace=shop)
            await stage.profile("platform/next")

            assert one.count("learnt") == 2

    play(cluster, registry, act)


def test_the_ninth_namespace_has_the_credentials(cluster: Cluster, private: debian.Running) -> None:
    """The first eight that name a Secret name a wrong one: after that the others are tried."""

    async def act(stage: Stage) -> None:
        reference = stage.push("ninth/cart")
        made = workload(reference)
        made["spec"]["template"]["spec"]["imagePullSecrets"] = [{"name": "regcred"}]
        with ExitStack() as stack:
            shops = sorted(stack.enter_context(stage.cluster.namespace(IN)) for _ in range(9))
            for shop in shops:
                stage.cluster.create(made, namespace=shop)
            stage.pull_secret(shops[-1], "regcred")
            one = stage.start("r1", read_pull_secrets=True)
            await eventually(lambda: one.count("unauthorized"), "the first eight have none")
            term = one.profiler._term
            assert term is not None
            await eventually(lambda: len(term.queue), "it is to be tried again")
            # As if the half minute were over.
            term.queue._images[reference].until = 0.0
            term.queue._later[0] = (0.0, 0, term.queue._later[0][2])
            await stage.profile("ninth/cart")

    play(cluster, private, act)
