"""Against a real API server: settings of the inspection, changed while the webhook runs."""

from pathlib import Path
from typing import Any

from tests.cluster import Cluster
from tests.waiting import until
from tests.webhook.server.cluster.images.shelf import Json, Shelf, pod, settings
from tests.webhook.server.cluster.running import running


def test_settings_that_change(installed: Cluster, own: str, shelf: Shelf, tmp_path: Path) -> None:
    """Hold from the next look-up on: a registry that had to be named is asked once it is."""
    image, _ = shelf.put("team/settings", Cmd=["java", "-jar", "/settings.jar"])

    def written(**inspection: Any) -> Json:
        metadata = {"name": "spanhook-settings", "namespace": own}
        text = settings(shelf.host, **inspection)
        return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata,
                "data": {"settings.yaml": text}}  # fmt: skip

    installed.apply(written(enabled=False))
    with running(installed.kubeconfig, tmp_path, own, inspection=True) as one:
        assert one.review("shop", pod(image)).decisions == "app=skip:LanguageUnknown"
        assert "switch it off" in one.check("imageprofiles")
        installed.apply(written(certificateAuthorities="no certificate"))
        until(lambda: "not asked" in one.check("imageprofiles"), "they cannot be used")
        until(
            lambda: one.review("shop", pod(image)).decisions == "app=skip:ImagePending",
            "nobody can be asked",
        )
        installed.apply(written())
        until(
            lambda: one.review("shop", pod(image)).decisions == "app=inject:java",
            "the registry is asked",
        )
