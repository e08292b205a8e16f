from typing import Any

import pytest

from tests.webhook.examples import container
from webhook.annotations import Wishes
from webhook.identity import identify, service_name
from webhook.model import Context, Namespace, Owner

WISHES = Wishes(service_name="annotation", resource={"service.name": "resource"})
LABELS = {"app.kubernetes.io/name": "label"}


@pytest.mark.parametrize(
    ("wishes", "labels", "owner", "metadata", "expected"),
    [
        (WISHES, LABELS, "owner", {"name": "pod"}, "annotation"),
        (Wishes(resource=WISHES.resource), LABELS, "owner", {"name": "pod"}, "resource"),
        (Wishes(), LABELS, "owner", {"name": "pod"}, "label"),
        (Wishes(), {"app.kubernetes.io/name": ""}, "owner", {"name": "pod"}, "owner"),
        (Wishes(), {}, None, {"name": "pod", "generateName": "other-"}, "pod"),
        (Wishes(), None, None, {"generateName": "pod-7d9f8-"}, "pod-7d9f8"),
        (Wishes(), {}, None, {}, "unknown_service"),
    ],
)
def test_service_name(
    wishes: Wishes, labels: Any, owner: str | None, metadata: dict[str, Any], expected: str
) -> None:
    """Annotations, then label, then owner, then pod."""
    context = Context(owner=Owner("Deployment", owner) if owner else None)

    assert service_name({"metadata": {**metadata, "labels": labels}}, context, wishes) == expected


def _attributes(
    owner: Owner | None = None,
    namespace: str | None = "shop",
    wishes: Wishes | None = None,
    image: str = "acme/cart:1.4",
    labels: Any = None,
) -> dict[str, str]:
    context = Context(Namespace(namespace), owner)
    pod = {"metadata": {"name": "p", "labels": labels}}
    found = identify(pod, container(image), context, wishes or Wishes(), first=True)
    return dict(found.attributes)


@pytest.mark.parametrize(
    ("owner", "expected"),
    [
        (None, {}),
        (
            Owner("Deployment", "a", replica_set="a-1"),
            {"k8s.deployment.name": "a", "k8s.replicaset.name": "a-1"},
        ),
        (Owner("Deployment", "a"), {"k8s.deployment.name": "a"}),
        (Owner("ReplicaSet", "a", replica_set="a"), {"k8s.replicaset.name": "a"}),
        (Owner("CronJob", "a", job="a-1"), {"k8s.cronjob.name": "a", "k8s.job.name": "a-1"}),
        (Owner("Job", "a", job="a"), {"k8s.job.name": "a"}),
        (Owner("StatefulSet", "a"), {"k8s.statefulset.name": "a"}),
        (Owner("DaemonSet", "a"), {"k8s.daemonset.name": "a"}),
        (Owner("ReplicationController", "a"), {"k8s.replicationcontroller.name": "a"}),
        (Owner("Rollout", "a", replica_set="a-1"), {"k8s.replicaset.name": "a-1"}),
        (Owner("Widget", "a"), {}),
    ],
)
def test_owner(owner: Owner | None, expected: dict[str, str]) -> None:
    """The workload is named by the attribute of its kind, where the conventions have one."""
    found = _attributes(owner)
    known = {"k8s.namespace.name", "k8s.pod.name", "k8s.pod.uid", "k8s.node.name"}

    names = {key for key in found if key.startswith("k8s.")} - known - {"k8s.container.name"}
    assert {key: found[key] for key in names} == expected


@pytest.mark.parametrize(
    ("image", "labels", "expected"),
    [
        ("acme/cart:1.4", {"app.kubernetes.io/version": "2.0"}, "2.0"),
        ("acme/cart:1.4", {"app.kubernetes.io/version": "a,b=c $"}, "a%2Cb%3Dc%20%24"),
        ("acme/cart:1.4", None, "1.4"),
        ("acme/cart:latest", None, None),
        ("acme/cart", None, None),
        (f"acme/cart:1.4@sha256:{'a' * 64}", None, "1.4"),
        (f"acme/cart@sha256:{'a' * 64}", None, None),
        ("NOT AN IMAGE", None, None),
        ("", None, None),
    ],
)
def test_version(image: str, labels: Any, expected: str | None) -> None:
    """The label, else the tag, unless that is the name of whatever was pushed last."""
    assert _attributes(image=image, labels=labels).get("service.version") == expected


def test_unknown_namespace() -> None:
    """A manifest that leaves the namespace to kubectl leaves it to the downward API too."""
    found = _attributes(namespace=None)

    assert found["k8s.namespace.name"] == found["service.namespace"] == "$(SPANHOOK_POD_NAMESPACE)"
    assert found["service.instance.id"] == "$(SPANHOOK_POD_NAMESPACE).$(SPANHOOK_POD_NAME).app"


def test_annotations_win() -> None:
    """Attributes that people ask for replace ours, encoded; the name goes its own way."""
    wishes = Wishes(
        resource={"k8s.pod.name": "mine", "team": "a,b=$(C) 100%", "service.name": "no"}
    )
    found = _attributes(wishes=wishes)

    assert found["k8s.pod.name"] == "mine"
    assert found["team"] == "a%2Cb%3D%24%28C%29%20100%25"
    assert "service.name" not in found


@pytest.mark.parametrize(("first", "expected"), [(True, "cart"), (False, "cart-app")])
def test_later_containers(first: bool, expected: str) -> None:
    """All but the first injected container have their own name in the service's."""
    pod = {"metadata": {"name": "cart"}}

    assert identify(pod, container(), Context(), Wishes(), first=first).service == expected
