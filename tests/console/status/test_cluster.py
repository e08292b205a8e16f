"""The command against real API servers: what is there, what mends it, and who may see what."""

import base64
import json
import shlex
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from certs import bundle
from tests.cluster import Cluster
from tests.console.commandline import Ran, run
from tests.manifests.installation import installed
from tests.waiting import until
from tests.webhook.server.serving import Server, serving
from webhook.optin import LABEL

Json = dict[str, Any]

SYSTEM = "spanhook-system"
_IMAGES = {"Deployment": "python:3.12", "StatefulSet": "node:22", "DaemonSet": "golang:1.24"}
_READY = {
    "Deployment": ("readyReplicas", "updatedReplicas"),
    "StatefulSet": ("readyReplicas", "updatedReplicas"),
    "DaemonSet": ("numberReady", "updatedNumberScheduled"),
}


def workload(kind: str, image: str) -> Json:
    """A workload of two pods; a DaemonSet's are on the two nodes."""
    name = kind.lower()
    labels = {"app": name}
    spec: Json = {
        "selector": {"matchLabels": labels},
        "template": {
            "metadata": {"labels": labels},
            "spec": {"containers": [{"name": "app", "image": image}]},
        },
    }
    if kind != "DaemonSet":
        spec["replicas"] = 2
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name}, "spec": spec}


def pod(name: str, **labels: str) -> Json:
    """A pod with a Python container."""
    spec = {"containers": [{"name": "app", "image": "python:3.12"}]}
    metadata = {"name": name, "labels": labels}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def status(kubeconfig: Path, *arguments: str) -> tuple[Ran, Json]:
    """What the command says, as it ran and as JSON."""
    ran = run("status", "--kubeconfig", str(kubeconfig), "-o", "json", *arguments)
    assert ran.stdout, ran.stderr
    return ran, json.loads(ran.text)


def _lead(cluster: Cluster, server: Server) -> None:
    """Point the installed configuration at a server of this machine."""
    authority = (server.cert_dir / "ca.crt").read_bytes()
    client = {
        "url": f"https://localhost:{server.port}/mutate",
        "caBundle": base64.b64encode(authority).decode(),
    }
    changes = [
        {"op": "replace", "path": f"/webhooks/{index}/clientConfig", "value": client}
        for index in range(2)
    ]
    answer = cluster.patch("MutatingWebhookConfiguration", "spanhook", changes)
    assert answer.status == 200, answer.message


def _speak(cluster: Cluster, server: Server) -> None:
    """Write the Leases that the replicas of the Deployment would keep."""
    leaf = (server.cert_dir / "tls.crt").read_bytes()
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
    pods = cluster.list("pods", SYSTEM, "app.kubernetes.io/name=spanhook-webhook")
    names = sorted(one["metadata"]["name"] for one in pods)
    annotations = {
        "spanhook.dev/version": "0.1.0",
        "spanhook.dev/serving": bundle.fingerprint(leaf),
        "spanhook.dev/serving-issuer": bundle.issuer(leaf),
        "spanhook.dev/serving-expires": "2099-01-01T00:00:00Z",
    }
    own = {name: f"spanhook-webhook-replica-{name}" for name in names}
    for holder, name in (*own.items(), (names[0], "spanhook-webhook")):
        cluster.apply(
            {
                "apiVersion": "coordination.k8s.io/v1",
                "kind": "Lease",
                "metadata": {
                    "name": name,
                    "namespace": SYSTEM,
                    "labels": {"spanhook.dev/component": "webhook-replica"}
                    if name in own.values()
                    else {},
                    "annotations": annotations,
                },
                "spec": {"holderIdentity": holder, "renewTime": now, "leaseDurationSeconds": 600},
            }
        )


def _is_rolled_out(cluster: Cluster, kind: str, space: str) -> bool:
    live = cluster.get(kind, kind.lower(), space) or {}
    said = live.get("status", {})
    ready = [said.get(field) == 2 for field in _READY[kind]]
    newest = said.get("observedGeneration") == live["metadata"]["generation"]
    return newest and all(ready) and len(_living(cluster, space, kind)) == 2


def _living(cluster: Cluster, space: str, kind: str) -> list[Json]:
    pods = cluster.list("pods", space, f"app={kind.lower()}")
    return [one for one in pods if "deletionTimestamp" not in one["metadata"]]


def test_what_it_prints_mends(controllers: Cluster, tmp_path: Path) -> None:
    """Workloads of before the opt-in are pending; the printed lines instrument every one."""
    kubeconfig = controllers.kubeconfig
    with (
        controllers.namespace() as space,
        serving(tmp_path) as server,
        installed(controllers, "base"),
    ):
        for kind, image in _IMAGES.items():
            answer = controllers.create(workload(kind, image), namespace=space)
            assert answer.status == 201, answer.message
        _until_rolled_out(controllers, space)
        _lead(controllers, server)
        controllers.patch("Namespace", space, {"metadata": {"labels": {LABEL: "enabled"}}})
        until(lambda: _is_installed(controllers), "the webhook's replicas are ready")
        _speak(controllers, server)

        ran, before = status(kubeconfig, "-n", space)

        assert ran.code == 1
        assert [one["message"] for one in before["findings"]] == [
            "6 pods of 3 workloads would be instrumented if created anew."
        ]
        (found,) = before["namespaces"]
        assert found["counts"]["pending"] == 6
        lines = [one["remedy"]["command"] for one in found["workloads"]]
        assert lines == [
            f"kubectl rollout restart {kind}/{kind} -n {space}"
            for kind in ("daemonset", "deployment", "statefulset")
        ]
        for line in lines:
            done = controllers.kubectl(*shlex.split(line)[1:])
            assert done.returncode == 0, done.stderr
        _until_rolled_out(controllers, space)

        ran, after = status(kubeconfig, "-n", space)

        assert ran.code == 0, ran.text
        assert after["findings"] == []
        (found,) = after["namespaces"]
        assert found["counts"] == {
            "pods": 6, "instrumented": 6, "pending": 0, "skipped": 0, "optedOut": 0,
        }  # fmt: skip
        assert {
            (workload["kind"], one["language"])
            for workload in found["workloads"]
            for one in workload["containers"]
        } == {("Deployment", "python"), ("StatefulSet", "nodejs"), ("DaemonSet", "go")}
        assert after["unread"] == []
        _check_installation(after)


def _until_rolled_out(cluster: Cluster, space: str) -> None:
    for kind in _IMAGES:
        until(partial(_is_rolled_out, cluster, kind, space), f"{kind} is rolled out")


def _is_installed(cluster: Cluster) -> bool:
    live = cluster.get("Deployment", "spanhook-webhook", SYSTEM) or {}
    slices = cluster.list("endpointslices", SYSTEM, "kubernetes.io/service-name=spanhook-webhook")
    ready = [
        endpoint["conditions"]["ready"] for one in slices for endpoint in one["endpoints"] or ()
    ]
    said = live.get("status", {})
    return ready == [True, True] and said.get("readyReplicas") == said.get("updatedReplicas") == 2


def _check_installation(found: Json) -> None:
    """What the manifests install is seen as it is."""
    webhook, certificates = found["webhook"], found["certificates"]
    assert webhook["deployment"] == {
        "desired": 2, "ready": 2, "updated": 2, "versions": ["0.1.0"],
    }  # fmt: skip
    assert webhook["endpoints"] == {"ready": 2, "total": 2}
    assert webhook["missed"] == []
    assert [(one["excess"], one["verifies"]) for one in webhook["entries"]] == [([], True)] * 2
    assert webhook["settings"]["state"] == "default"
    assert certificates["mode"] == "own"
    assert certificates["rotation"] is None
    assert [one["leader"] for one in certificates["replicas"]] == [True, False]
    assert all(one["current"] for one in certificates["replicas"])


def test_a_namespace_that_is_not_there(api: Cluster) -> None:
    """A name that was mistyped is not an empty namespace."""
    ran = run("status", "--kubeconfig", str(api.kubeconfig), "-n", "shpo")

    assert ran.code == 1
    assert 'there is no namespace "shpo"' in ran.stderr


def test_pages_and_pods_of_other_namespaces(api: Cluster) -> None:
    """A list of several pages counts whole; a pod's own label counts where no namespace's does."""
    with api.namespace({LABEL: "enabled"}) as space, api.namespace() as other:
        for number in range(130):
            assert api.create(pod(f"p-{number}"), namespace=space).status == 201
        out = {LABEL: "disabled"}
        api.create(pod("out", **out), namespace=space)
        api.create(pod("own", **{LABEL: "enabled"}), namespace=other)
        api.create(pod("none"), namespace=other)

        _, found = status(api.kubeconfig)

    seen = {one["name"]: one for one in found["namespaces"]}
    assert seen[space]["counts"]["pending"] == 130
    assert seen[space]["counts"]["optedOut"] == 1
    assert seen[other]["optedIn"] is False
    assert [one["name"] for one in seen[other]["workloads"]] == ["own"]


def test_when_it_was_opted_in(api: Cluster) -> None:
    """The API server's own notes tell when a namespace was labelled."""
    with api.namespace({LABEL: "enabled"}) as space:
        api.create(pod("plain"), namespace=space)
        _, found = status(api.kubeconfig, "-n", space)

    (plain,) = found["namespaces"][0]["workloads"]
    assert list(plain["causes"].values()) == [1]
    assert set(plain["causes"]) <= {"beforeOptIn", "sinceOptIn"}
