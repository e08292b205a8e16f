"""The image in a cluster: the Deployment's command line and environment, its account's token."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from demo.ports import free_ports
from tests.cluster import Cluster, Service
from tests.image import building, running
from tests.image.building import Images
from tests.manifests.installation import NAMESPACES, find, installed, rendered
from tests.manifests.serving import NAME
from tests.waiting import until
from webhook.optin import LABEL

SYSTEM = NAMESPACES[0]
ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"


def account(cluster: Cluster, folder: Path) -> Path:
    """What the kubelet mounts into a pod: a token, the authority, the namespace."""
    kubeconfig = json.loads(cluster.token_kubeconfig(NAME, SYSTEM).read_text())
    authority = Path(kubeconfig["clusters"][0]["cluster"]["certificate-authority"])
    folder.mkdir()
    (folder / "token").write_text(kubeconfig["users"][0]["user"]["token"])
    (folder / "ca.crt").write_bytes(authority.read_bytes())
    (folder / "namespace").write_text(SYSTEM)
    return folder


def environment(cluster: Cluster, config: dict[str, Any]) -> dict[str, Any]:
    """The image's configuration with what a kubelet adds to its variables."""
    server = urlsplit(cluster.url)
    added = [
        f"KUBERNETES_SERVICE_HOST={server.hostname}",
        f"KUBERNETES_SERVICE_PORT={server.port}",
    ]
    return config | {"Env": [*config["Env"], *added]}


def command(cluster: Cluster, port: int) -> list[str]:
    """The Deployment's arguments, with their references resolved, at a port that is free here."""
    (container,) = find(rendered(cluster, "base"), "Deployment")["spec"]["template"]["spec"][
        "containers"
    ]
    known = {"$(NAMESPACE)": SYSTEM, "$(REPLICA)": "replica-1", "=10250": f"={port}"}
    found = list(container["args"])
    for text, value in known.items():
        found = [one.replace(text, value) for one in found]
    return found


def test_it_serves_a_cluster(
    api: Cluster, images: Images, config: dict[str, Any], tmp_path: Path
) -> None:
    """Made ready by nothing but the manifests, it instruments a pod for the API server."""
    (port,) = free_ports(1)
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"generateName": "app-"},
        "spec": {"containers": [{"name": "app", "image": "python:3.13"}]},
    }

    with (
        installed(api, "base", "--server-side"),
        api.namespace({LABEL: "enabled"}) as shop,
        images.mounted(building.WEBHOOK) as root,
        running.container(
            root,
            command(api, port),
            environment(api, config),
            tmp_path / "bundle",
            mounts={ACCOUNT: account(api, tmp_path / "account")},
        ) as one,
    ):
        child = one.child
        until(lambda: child.ended or "is ready" in child.log.read_text(), "ready")
        assert not child.ended, child.last_words()
        Service(api, SYSTEM, NAME).add("replica-1", port)

        def instrumented() -> bool:
            answer = api.create(pod, namespace=shop, dry_run=True)
            return "spanhook.dev/injected" in answer.body["metadata"].get("labels", {})

        until(instrumented, "a pod is instrumented")
        child.terminate()
        assert child.end(20) == 0, child.last_words()
