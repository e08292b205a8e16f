"""Rights that the manifests give and somebody takes away."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.cluster import Cluster
from tests.cluster.documents import objects
from tests.waiting import until
from tests.webhook.server.cluster.certificates.stage import SECRET, settle, stage

_MANIFESTS = Path(__file__).parents[5] / "manifests" / "base" / "webhook"
_FILES = ("service-account.yaml", "role.yaml", "cluster-role.yaml")
_ACCOUNT = "spanhook-webhook"


def account(cluster: Cluster, made: list[dict[str, Any]]) -> Callable[[str], Path]:
    """Who has these rights, in the namespace and to the configuration named like it."""

    def kubeconfig(home: str) -> Path:
        for thing in objects(*(_MANIFESTS / name for name in _FILES)):
            thing["metadata"]["namespace"] = home
            if thing["kind"].startswith("ClusterRole"):
                del thing["metadata"]["namespace"]
                thing["metadata"]["name"] = home
                made.append(thing)
            for subject in thing.get("subjects", ()):
                subject["namespace"] = home
            if thing["kind"] == "ClusterRoleBinding":
                thing["roleRef"]["name"] = home
            for rule in thing.get("rules", ()):
                if rule.get("resourceNames") == ["spanhook"]:
                    rule["resourceNames"] = [home]
            cluster.apply(thing)
        return cluster.token_kubeconfig(_ACCOUNT, home)

    return kubeconfig


def test_without_the_right_to_write(api: Cluster, tmp_path: Path) -> None:
    """Where a right lacks, it is named, and what works without it goes on."""
    made: list[dict[str, Any]] = []
    try:
        with stage(api, tmp_path, kubeconfig=account(api, made)) as one:
            one.fleet.scale_up(1)
            settle(one)
            (replica,) = one.fleet.replicas
            for kind in ("ClusterRoleBinding", "ClusterRole"):
                api.delete(kind, one.home)
            role = api.get("Role", _ACCOUNT, one.home)
            assert role is not None
            for rule in role["rules"]:
                if rule.get("resourceNames") == [SECRET]:
                    rule["verbs"] = ["get", "list", "watch"]
            change = {"rules": role["rules"]}
            assert api.patch("Role", _ACCOUNT, change, one.home).status == 200
            one.ask("leaf")

            def note() -> str:
                return str(one.readiness(replica)["checks"]["certificate"])

            until(lambda: "the Secret cannot be written: 403" in note(), "it says so")
            until(lambda: "cannot be read: 403" in note(), "it says the other thing, too")
            assert one.instrumented()
    finally:
        for thing in made:
            api.delete(thing["kind"], thing["metadata"]["name"])
