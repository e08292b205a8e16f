"""Against a real API server and a real registry: what an image's first pod costs, and leaves."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster import Cluster
from tests.cluster.admission.webhook import Webhook, webhook
from tests.waiting import until
from tests.webhook.server.cluster.images.shelf import Shelf, configured, pod, profile
from tests.webhook.server.cluster.running import running


@pytest.fixture(name="registered")
def fixture_registered(installed: Cluster, shelf: Shelf, tmp_path: Path) -> Iterator[Webhook]:
    """A webhook that the API server calls, and that may ask the registry."""
    file = configured(tmp_path, shelf.host)
    options = ("--settings", str(file), "--inspection")
    with webhook(installed, tmp_path, *options, name="spanhook-images") as found:
        yield found


def test_the_first_pod_of_an_image(
    installed: Cluster, own: str, shelf: Shelf, tmp_path: Path
) -> None:
    """It is instrumented by what the registry says; the next costs nothing, here and elsewhere."""
    image, digest = shelf.put("team/first", Cmd=["java", "-jar", "/app.jar"])
    file = configured(tmp_path, shelf.host)

    with running(installed.kubeconfig, tmp_path, own, settings=file, inspection=True) as one:
        before = shelf.requests()
        assert one.review("shop", pod(image)).decisions == "app=inject:java"
        spent = shelf.requests() - before
        assert 0 < spent <= 4
        assert one.metric('spanhook_image_lookups_total{outcome="learnt"}') == 1
        assert one.metric("spanhook_image_lookup_requests_total") == spent
        assert one.metric("spanhook_image_lookup_bytes_total") <= 30_000
        written = until(lambda: profile(installed, digest), "the profile is written")
        assert written["spec"]["digest"] == digest
        assert [one["name"] for one in written["spec"]["references"]] == [image]
        learnt = written["status"]["learnt"]
        assert learnt["requests"] == spent
        assert one.review("shop", pod(image)).decisions == "app=inject:java"
        assert one.review("shop", pod(f"{image}@{digest}")).decisions == "app=inject:java"
        assert shelf.requests() - before == spent
        assert "images known" in one.check("imageprofiles")
    with running(
        installed.kubeconfig, tmp_path, own, settings=file, inspection=True, replica="replica-2"
    ) as two:
        assert two.review("shop", pod(image)).decisions == "app=inject:java"
        assert shelf.requests() - before == spent
        assert two.metric('spanhook_cache_connected{cache="imageprofiles"}') == 1


def test_a_dry_run_leaves_nothing(
    installed: Cluster, own: str, shelf: Shelf, tmp_path: Path
) -> None:
    """It is decided by what the registry says, and the API server keeps no trace of it."""
    image, digest = shelf.put("team/dry", Cmd=["python3", "/app.py"])
    other, others = shelf.put("team/wet", Cmd=["python3", "/wet.py"])
    file = configured(tmp_path, shelf.host)

    with running(installed.kubeconfig, tmp_path, own, settings=file, inspection=True) as one:
        assert one.review("shop", pod(image), dryRun=True).decisions == "app=inject:python"
        # What is written after it is there: what it would have written would be, too.
        assert one.review("shop", pod(other)).decisions == "app=inject:python"
        until(lambda: profile(installed, others), "the other's profile is written")
        assert profile(installed, digest) is None


def test_through_the_api_server(registered: Webhook, installed: Cluster, shelf: Shelf) -> None:
    """A pod of an image that nobody ever saw is created with its agent."""
    image, digest = shelf.put("team/created", Cmd=["java", "-jar", "/created.jar"])

    with installed.namespace(registered.labels) as space:
        whole = pod(image) | {"apiVersion": "v1", "kind": "Pod"}
        dry = installed.create(whole, dry_run=True, namespace=space)
        assert dry.body["metadata"]["labels"]["spanhook.dev/injected"] == "true"
        assert profile(installed, digest) is None
        spent = shelf.requests()
        made = installed.create(whole, namespace=space)
        assert (made.status, made.warnings) == (201, ())
        assert made.body["metadata"]["labels"]["spanhook.dev/injected"] == "true"
        until(lambda: profile(installed, digest), "the profile is written")
        assert shelf.requests() == spent
