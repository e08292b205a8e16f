"""Whether the roles hold what the running webhook uses, and nothing else."""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from certs.authority import Authority
from tests.cluster import Cluster, cluster
from tests.manifests.installation import NAMESPACES, Object, directory, installed
from tests.manifests.rights import Audit, beyond, granted, unused
from tests.manifests.serving import NAME, replica
from tests.registry import debian, images
from tests.registry.pushing import push
from tests.waiting import until
from tests.webhook.server.cluster.profiler.things import profile
from webhook.images.profile import name, write
from webhook.optin import LABEL

SYSTEM = NAMESPACES[0]

OWNERS: dict[str, Object] = {
    "Deployment": {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "name": "cart-5c689d88bb",
        "controller": True,
    },
    "CronJob": {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "name": "report-29312345",
        "controller": True,
    },
}
"""The owner of a pod, by the kind of the workload that it belongs to."""


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    """Where the API server below writes what it was asked."""
    return Audit(tmp_path_factory.mktemp("audit"))


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[debian.Running]:
    """A registry with the images of the pods below."""
    with debian.serving(tmp_path_factory.mktemp("hub")) as running:
        for name, tag in (("python", "3.13"), ("eclipse-temurin", "21-jre")):
            made = images.image(configuration=images.config(Labels={"name": name}))
            push(running.url, f"hub/library/{name}", made, tag)
        yield running


@pytest.fixture(scope="module")
def audited(api: Cluster, audit: Audit) -> Iterator[Cluster]:
    """An API server of its own; `api` has seen to it that there is one on this machine."""
    assert api.url
    with cluster(flags=audit.flags, directory=audit.directory) as running:
        yield running


def test_what_is_done_is_what_is_granted(
    audited: Cluster, audit: Audit, hub: debian.Running, tmp_path: Path
) -> None:
    """From the first start to the last Lease: nothing is refused, no right is idle."""
    with installed(audited, "base", "--server-side") as things:
        with _living(audited, hub, tmp_path, "--rotation-hold=1") as shop:
            _rotate(audited, shop)
            _apply_again(audited, shop)
        _compare(things, audit)


def test_cert_manager_takes_rights_away(
    audited: Cluster, audit: Audit, hub: debian.Running, tmp_path: Path
) -> None:
    """Where somebody else provides the certificate, the smaller roles hold what is used."""
    begun = audit.since_now()
    with installed(audited, "cert-manager", "--server-side") as things:
        _provide(audited)
        with _living(audited, hub, tmp_path, "--certificates=provided"):
            pass
        _compare(things, begun)


def _provide(server: Cluster) -> None:
    """What cert-manager does: the Secret, of a type of its own, and the caBundle."""
    now = datetime.now(UTC)
    leaf = Authority.create(now).issue([f"{NAME}.{SYSTEM}.svc"], now)
    parts = {"tls.crt": leaf.certificate, "tls.key": leaf.key, "ca.crt": leaf.authority}
    encoded = {key: b64encode(part).decode() for key, part in parts.items()}
    metadata = {"name": f"{NAME}-certificates", "namespace": SYSTEM}
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata}
    server.apply(secret | {"type": "kubernetes.io/tls", "data": encoded})
    changes = [
        {
            "op": "add",
            "path": f"/webhooks/{place}/clientConfig/caBundle",
            "value": encoded["ca.crt"],
        }
        for place in range(2)
    ]
    assert server.patch("MutatingWebhookConfiguration", "spanhook", changes).status == 200


@contextmanager
def _living(server: Cluster, hub: debian.Running, folder: Path, *options: str) -> Iterator[str]:
    """Start, serve, learn, notice, tidy up, be told; the opted-in namespace; stop."""
    account = server.token_kubeconfig(NAME, SYSTEM)
    right = {"data": {"settings.yaml": json.dumps(_settings(hub))}}
    assert server.patch("ConfigMap", "spanhook-settings", right, SYSTEM).status == 200
    with (
        server.namespace({LABEL: "enabled"}) as shop,
        replica(server, account, folder, "replica-1", *options),
        replica(server, account, folder, "replica-2", *options),
    ):
        until(partial(_instrumented, server, shop), "a pod is instrumented")
        for kind, owner in OWNERS.items():
            created = server.create(_too_small(owner), namespace=shop)
            assert created.status == 201, created.message
            until(partial(_has_event, server, kind), f"an Event on the {kind}")
        _learn(server, shop)
        wrong = {"data": {"settings.yaml": "samplingRatio: 7\n"}}
        assert server.patch("ConfigMap", "spanhook-settings", wrong, SYSTEM).status == 200
        until(partial(_has_event, server, "ConfigMap"), "an Event on the settings")
        yield shop


def _settings(hub: debian.Running) -> Object:
    """Docker Hub's images are here, and what is unused is not kept."""
    mirror = {"prefix": "docker.io", "location": f"{hub.host}/hub", "fallback": False}
    reached = {"plainHttp": [hub.host], "local": [hub.host], "mirrors": [mirror]}
    return {"imageInspection": {**reached, "keepUnused": 0}}


def _learn(server: Cluster, shop: str) -> None:
    """Profiles are made, noted as used, and deleted when they are old and nobody uses them."""
    labels = {"app": "cart"}
    template = {
        "metadata": {"labels": labels},
        "spec": {"containers": [{"name": "app", "image": "python:3.13"}]},
    }
    spec = {"selector": {"matchLabels": labels}, "template": template}
    metadata = {"name": "cart"}
    cart = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}
    assert server.create(cart, namespace=shop).status == 201
    old = profile(learnt=0.0)
    server.apply(write(old))

    def tidied() -> bool:
        found = {one["metadata"]["name"]: one for one in server.list("ImageProfile")}
        used = any("lastUsed" in one["status"] for one in found.values())
        return used and name(old.digest) not in found

    until(tidied, "a profile is noted as used, and the old one gone", 60)


def _rotate(server: Cluster, shop: str) -> None:
    """Ask for another authority, and wait until the old one is gone; nobody notices."""
    before = _bundles(server)
    asked = {"metadata": {"annotations": {"spanhook.dev/rotate": "authority"}}}
    assert server.patch("Secret", f"{NAME}-certificates", asked, SYSTEM).status == 200

    def rotated() -> bool:
        assert _instrumented(server, shop)
        now = _bundles(server)
        return now != before and all(one.count(b"BEGIN CERTIFICATE") == 1 for one in now)

    until(rotated, "the new authority stands alone", 60)


def _apply_again(server: Cluster, shop: str) -> None:
    """Either way of applying leaves the real webhook's caBundle where it is."""
    before = _bundles(server)
    for options in ((), ("--server-side",)):
        # Client-side apply says in a warning that it was not asked from the beginning.
        command = ("apply", *options, "-k", str(directory("base")))
        assert server.kubectl(*command).returncode == 0
        assert _bundles(server) == before
        assert _instrumented(server, shop)


def _bundles(server: Cluster) -> list[bytes]:
    """Each entry's caBundle."""
    found = server.get("MutatingWebhookConfiguration", "spanhook") or {}
    return [b64decode(one["clientConfig"].get("caBundle", "")) for one in found["webhooks"]]


def _instrumented(server: Cluster, shop: str) -> bool:
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"generateName": "app-"}}
    spec = {"containers": [{"name": "app", "image": "python:3.13"}]}
    answer = server.create(pod | {"spec": spec}, dry_run=True, namespace=shop)
    return "spanhook.dev/injected" in answer.body["metadata"].get("labels", {})


def _too_small(owner: Object) -> Object:
    """A pod whose limit leaves no room for an agent: somebody should know."""
    metadata = {
        "generateName": f"{owner['name']}-",
        "labels": {"pod-template-hash": "5c689d88bb"},
        "ownerReferences": [owner | {"uid": "8f2c7f3e-0000-4000-8000-000000000000"}],
    }
    container = {
        "name": "app",
        "image": "eclipse-temurin:21-jre",
        "resources": {"limits": {"memory": "16Mi"}},
    }
    spec = {"containers": [container]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def _has_event(server: Cluster, kind: str) -> bool:
    return any(one["involvedObject"]["kind"] == kind for one in server.list("Event"))


def _compare(things: tuple[Object, ...], audit: Audit) -> None:
    """The webhook's roles alone: the node agent's account has its own, and another log."""
    own = [one for one in things if one["metadata"]["name"].startswith(NAME)]
    rights, used = set(granted(own)), audit.used()

    assert audit.refused() == []
    assert beyond(rights, used) == []
    assert unused(rights, used) == []
