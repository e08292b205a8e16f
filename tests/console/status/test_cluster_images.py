"""The command against a real API server: it says of images what a real webhook decides."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.cluster import Cluster
from tests.cluster.definitions import define
from tests.console.status.documents import NOW
from tests.console.status.shelf import JAVA, PYTHON, RUBY, profile
from tests.console.status.test_cluster import status
from tests.registry import debian
from tests.waiting import until
from tests.webhook.server.cluster.running import running
from webhook.images.profile import Profile, write
from webhook.optin import LABEL

Json = dict[str, Any]


def pod(name: str, image: str) -> Json:
    """A pod of which only the image tells anything."""
    spec = {"containers": [{"name": "app", "image": image}]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}


@contextmanager
def shelved(cluster: Cluster, *profiles: Profile) -> Iterator[None]:
    """A cluster with the resource and these profiles."""
    define(cluster)
    made = [write(one) for one in profiles]
    cluster.apply(*made)
    try:
        yield
    finally:
        for one in made:
            cluster.delete("imageprofiles", one["metadata"]["name"])


@pytest.fixture(name="private")
def fixture_private(tmp_path: Path) -> Iterator[str]:
    """The host of a registry that wants a password."""
    folder = tmp_path / "private"
    folder.mkdir()
    with debian.serving(folder, auth=debian.password_file(folder)) as registry:
        yield registry.host


def _said(container: Json) -> str:
    """A container's state, as the webhook notes decisions."""
    if container["state"] == "pending":
        return f"{container['name']}=inject:{container['language']}"
    return f"{container['name']}=skip:{container['reason']}"


def test_it_agrees_with_the_webhook(api: Cluster, private: str, tmp_path: Path) -> None:
    """Pods that live get the decisions that a webhook of this cluster gives them anew."""
    images = {
        "python": "registry.example.com/agree/python:1",
        "java": "registry.example.com/agree/java:1",
        "ruby": "registry.example.com/agree/ruby:1",
        "refused": f"{private}/agree/refused:1",
        "guessed": "postgres:16",
    }
    ago = NOW - datetime.now(UTC)  # this cluster has a clock of its own
    known = [
        profile(images[name], config, seen=ago)
        for name, config in (("python", PYTHON), ("java", JAVA), ("ruby", RUBY))
    ]
    file = tmp_path / "settings.yaml"
    inspection = {"plainHttp": [private], "local": [private], "deadline": 2.5}
    file.write_text(json.dumps({"imageInspection": inspection}))
    with (
        shelved(api, *known),
        api.namespace() as own,
        api.namespace({LABEL: "enabled"}) as space,
        running(api.kubeconfig, tmp_path, own, settings=file, inspection=True) as webhook,
    ):
        decided = {
            name: webhook.review(space, pod(name, image)).decisions
            for name, image in images.items()
        }
        for name, image in images.items():
            assert api.create(pod(name, image), namespace=space).status == 201
        until(partial(_is_refused, api, space), "the Event is there")

        ran, found = status(api.kubeconfig, "-n", space)

    (seen,) = found["namespaces"]
    assert {one["name"]: _said(one["containers"][0]) for one in seen["workloads"]} == decided
    assert decided["python"] == "app=inject:python"
    assert decided["refused"] == "app=skip:ImageUnreachable"
    assert found["images"]["profiles"] >= 3
    (image,) = found["images"]["open"]
    assert (image["reference"], image["state"]) == (images["refused"], "unreachable")
    assert f"--docker-server={private}" in image["remedy"]["command"]
    assert ran.code == 1


def _is_refused(cluster: Cluster, space: str) -> bool:
    events = cluster.list("events", space)
    return "ImageUnreachable" in {one["reason"] for one in events}


def test_pending_images(api: Cluster) -> None:
    """An image without a profile is pending, and Events of others say nothing of it."""
    image = "registry.example.com/pending/cart:1"
    with shelved(api), api.namespace({LABEL: "enabled"}) as space:
        api.create(pod("cart", image), namespace=space)
        _, found = status(api.kubeconfig, "-n", space)

    (cart,) = found["namespaces"][0]["workloads"]
    assert cart["containers"][0]["reason"] == "ImagePending"
    (one,) = found["images"]["open"]
    assert (one["reference"], one["state"], one["skipped"]) == (image, "unknown", 1)
    assert found["images"]["defined"]
