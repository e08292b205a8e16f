"""Against a real API server: an account that may do nothing with ImageProfiles."""

from pathlib import Path

from tests.cluster import Cluster
from tests.waiting import until
from tests.webhook.server.cluster.images.shelf import Shelf, configured, pod, profile
from tests.webhook.server.cluster.running import running


def test_without_the_right(installed: Cluster, own: str, shelf: Shelf, tmp_path: Path) -> None:
    """Where profiles may be neither read nor written, pods are served all the same."""
    image, digest = shelf.put("team/forbidden", Cmd=["java", "-jar", "/forbidden.jar"])
    account = {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": "limited", "namespace": own},
    }
    role = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": own},
        "rules": [
            {
                "apiGroups": [""],
                "resources": ["namespaces", "configmaps"],
                "verbs": ["get", "list", "watch"],
            }
        ],
    }
    binding = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": own},
        "roleRef": {
            "apiGroup": "rbac.authorization.k8s.io",
            "kind": "ClusterRole",
            "name": own,
        },
        "subjects": [{"kind": "ServiceAccount", "name": "limited", "namespace": own}],
    }
    installed.apply(account, role, binding)
    kubeconfig = installed.token_kubeconfig("limited", own)
    file = configured(tmp_path, shelf.host)
    with running(kubeconfig, tmp_path, own, settings=file, inspection=True) as one:
        assert one.ready().status == 200
        assert "may not be read" in one.check("imageprofiles")
        assert one.review("shop", pod(image)).decisions == "app=inject:java"
        before = shelf.requests()
        assert one.review("shop", pod(image)).decisions == "app=inject:java"
        assert shelf.requests() == before
        until(
            lambda: one.metric('spanhook_image_profile_writes_total{outcome="forbidden"}') == 1,
            "the refusal is counted",
        )
        assert profile(installed, digest) is None
