"""Against a real API server: ImageProfiles that others write, and delete."""

import json
from pathlib import Path

from tests.cluster import Cluster
from tests.waiting import until
from tests.webhook.server.cluster.images.shelf import Json, Shelf, configured, pod, profile
from tests.webhook.server.cluster.running import running


def test_a_replica_hears_of_profiles(
    installed: Cluster, own: str, shelf: Shelf, tmp_path: Path
) -> None:
    """While both run, what one learnt the other knows; a profile that is deleted, neither."""
    image, digest = shelf.put("team/shared", Cmd=["node", "/app.js"])
    file = configured(tmp_path, shelf.host)
    options: Json = {"settings": file, "inspection": True}
    one_folder, two_folder = tmp_path / "one", tmp_path / "two"

    with (
        running(installed.kubeconfig, one_folder, own, **options) as one,
        running(installed.kubeconfig, two_folder, own, replica="replica-2", **options) as two,
    ):
        known = two.metric("spanhook_images_known")
        assert one.review("shop", pod(image)).decisions == "app=inject:nodejs"
        until(lambda: two.metric("spanhook_images_known") > known, "the other heard of it")
        before = shelf.requests()
        assert two.review("shop", pod(image)).decisions == "app=inject:nodejs"
        assert shelf.requests() == before
        installed.delete("imageprofiles", digest.replace(":", "-"))
        until(lambda: two.metric("spanhook_images_known") == known, "the other heard of that")
        assert two.review("shop", pod(image)).decisions == "app=inject:nodejs"
        assert shelf.requests() > before


def test_what_others_write(installed: Cluster, own: str, shelf: Shelf, tmp_path: Path) -> None:
    """A profile that makes no sense is left out and said; its image is asked for as ever."""
    image, digest = shelf.put("team/vandal", Cmd=["java", "-jar", "/vandal.jar"])
    good, _ = shelf.put("team/good", Cmd=["java", "-jar", "/good.jar"])
    installed.apply(
        {
            "apiVersion": "spanhook.dev/v1alpha1",
            "kind": "ImageProfile",
            "metadata": {"name": digest.replace(":", "-")},
            "spec": {"digest": digest, "references": []},
            "status": {
                "revision": 1,
                "learnt": {"at": "2026-01-01T00:00:00Z", "by": "somebody"},
                "platforms": [
                    {
                        "platform": "linux/amd64",
                        "digest": digest,
                        "evidence": [{"fact": "it says so", "language": "cobol"}],
                    }
                ],
            },
        }
    )
    file = configured(tmp_path, shelf.host)
    with running(installed.kubeconfig, tmp_path, own, settings=file, inspection=True) as one:
        assert one.metric("spanhook_image_profiles_bad_total") == 1
        assert one.review("shop", pod(image)).decisions == "app=inject:java"
        assert one.review("shop", pod(good)).decisions == "app=inject:java"
        until(lambda: "cobol" not in json.dumps(profile(installed, digest)), "ours takes its place")
