"""For whom a container is written down."""

from typing import Any

import pytest

from nodeagent.observing.application import Owner, Workload, digest_of, seen
from nodeagent.observing.observation import Observation
from webhook.observed import started

DIGEST = "sha256:" + "1" * 64
JAVA = Observation("java", "21.0.4")


def pod(image: str = f"docker.io/acme/cart@{DIGEST}", **metadata: Any) -> dict[str, Any]:
    """A pod of a Deployment, as the API server tells of it."""
    owner = {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "name": "cart-5c689d88bb",
        "uid": "u-1",
        "controller": True,
    }
    base = {
        "name": "cart-5c689d88bb-x",
        "namespace": "shop",
        "uid": "u-2",
        "labels": {"pod-template-hash": "5c689d88bb"},
        "ownerReferences": [owner],
    }
    return {
        "metadata": base | metadata,
        "spec": {
            "containers": [{"name": "app", "image": "acme/cart:1", "args": ["serve"]}],
            "initContainers": [{"name": "side", "image": "acme/side:1"}],
        },
        "status": {
            "containerStatuses": [{"name": "app", "imageID": image}],
            "initContainerStatuses": [{"name": "side", "imageID": image}],
        },
    }


def test_of_a_deployment() -> None:
    """The Deployment's name, with the ReplicaSet as what it lives with."""
    one = pod()
    found = seen(one, "app", JAVA)

    assert found is not None
    assert found.workload == Workload("shop", "Deployment", "cart")
    assert found.owner == Owner("apps/v1", "ReplicaSet", "cart-5c689d88bb", "u-1")
    assert (found.container, found.digest, found.observation) == ("app", DIGEST, JAVA)
    assert found.started == started(one["spec"]["containers"][0])


def test_of_a_bare_pod() -> None:
    """It is its own workload, and its own owner."""
    found = seen(pod(ownerReferences=[]), "side", JAVA)

    assert found is not None
    assert found.workload == Workload("shop", "Pod", "cart-5c689d88bb-x")
    assert found.owner == Owner("v1", "Pod", "cart-5c689d88bb-x", "u-2")


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (f"docker.io/acme/cart@{DIGEST}", DIGEST),
        (f"docker-pullable://acme/cart@{DIGEST}", DIGEST),
        (DIGEST, DIGEST),
        (f"docker://{DIGEST}", DIGEST),
        ("", ""),
        ("acme/cart:1", ""),
    ],
)
def test_digests(image: str, expected: str) -> None:
    """As runtimes name images; without a digest there is nothing to write yet."""
    one = pod(image)

    assert digest_of(one, "app") == expected
    assert (seen(one, "app", JAVA) is None) == (not expected)


def test_what_is_not_there() -> None:
    """A container that the pod does not have, and a pod without a status."""
    assert seen(pod(), "other", JAVA) is None
    assert seen({"metadata": {"name": "x"}}, "app", JAVA) is None
