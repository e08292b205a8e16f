"""Against a real API server and a real registry: what an image's first pod costs, and leaves."""

import json
import re
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.cluster import Cluster
from tests.cluster.admission.webhook import Webhook, webhook
from tests.registry import images
from tests.registry.debian import Running as Registry
from tests.registry.debian import serving
from tests.registry.pushing import push
from tests.waiting import until
from tests.webhook.server.cluster.running import Running, running
from tests.webhook.server.serving import review

Json = dict[str, Any]

CRD = Path(__file__).parents[5] / "manifests" / "base" / "crds" / "imageprofiles.yaml"
_REQUEST = re.compile(r'"(?:GET|HEAD) /v2/')


@dataclass(frozen=True, slots=True)
class Shelf:
    """A registry, and the log that it keeps of who asks."""

    registry: Registry
    log: Path

    @property
    def host(self) -> str:
        """Its name, with the port."""
        return self.registry.host

    def put(self, repository: str, **config: Any) -> tuple[str, str]:
        """Push an image of two platforms; its reference and its digest."""
        made = {
            f"linux/{one}": images.image(
                images.layer({f"app/{repository}": b"x"}),
                configuration=images.config(one, **config),
            )
            for one in ("amd64", "arm64")
        }
        index = images.index(made)
        push(self.registry.url, repository, index, "1")
        return f"{self.host}/{repository}:1", index.index.digest

    def requests(self) -> int:
        """How often it was asked for something."""
        return len(_REQUEST.findall(self.log.read_text()))


@pytest.fixture(name="shelf")
def fixture_shelf(tmp_path: Path) -> Iterator[Shelf]:
    """A registry without images."""
    folder = tmp_path / "registry"
    folder.mkdir()
    with serving(folder) as registry:
        yield Shelf(registry, folder / "registry.log")


@pytest.fixture(name="installed")
def fixture_installed(api: Cluster) -> Cluster:
    """The API server with our resource."""
    api.apply(CRD)
    return api


def settings(host: str, **inspection: Any) -> str:
    """The settings' document for a registry at loopback."""
    fields = {"plainHttp": [host], "local": [host], "deadline": 2.5} | inspection
    return json.dumps({"imageInspection": fields})


def configured(folder: Path, host: str, **inspection: Any) -> Path:
    """The settings as a file."""
    file = folder / "settings.yaml"
    file.write_text(settings(host, **inspection))
    return file


@pytest.fixture(name="own")
def fixture_own(installed: Cluster) -> Iterator[str]:
    """The namespace of the webhook's own objects."""
    with installed.namespace() as name:
        yield name


def pod(image: str, **metadata: Any) -> Json:
    """A pod of which only the image tells anything."""
    return {
        "metadata": {"generateName": "cart-"} | metadata,
        "spec": {"containers": [{"name": "app", "image": image}]},
    }


def profile(cluster: Cluster, digest: str) -> Json | None:
    """The ImageProfile of a digest."""
    return cluster.get("imageprofiles", digest.replace(":", "-"))


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


@pytest.fixture(name="hanging")
def fixture_hanging() -> Iterator[str]:
    """A registry that takes connections and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        yield f"localhost:{listener.getsockname()[1]}"


def test_a_stop_answers_who_waits(
    installed: Cluster, own: str, hanging: str, tmp_path: Path
) -> None:
    """A review that waits for a registry when the server stops gets its answer."""
    file = configured(tmp_path, hanging)
    said: list[Any] = []

    def ask(one: Running) -> None:
        with one.server.client() as client:
            reply = client.post(review(object=pod(f"{hanging}/team/app:1")))
            said.append((reply.status, reply.json["response"]["allowed"]))

    with running(installed.kubeconfig, tmp_path, own, settings=file, inspection=True) as one:
        asking = threading.Thread(target=ask, args=(one,))
        asking.start()
        until(lambda: one.metric("spanhook_image_waiting") == 1, "the review waits")
    asking.join()

    assert said == [(200, True)]


@pytest.fixture(name="registered")
def fixture_registered(installed: Cluster, shelf: Shelf, tmp_path: Path) -> Iterator[Webhook]:
    """A webhook that the API server calls, and that may ask the registry."""
    file = configured(tmp_path, shelf.host)
    options = ("--settings", str(file), "--inspection")
    with webhook(installed, tmp_path, *options, name="spanhook-images") as found:
        yield found


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
