"""Which pods the API server asks about, and how often, by its own count of calls."""

from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from demo.admission import webhook
from tests.cluster import Cluster
from tests.cluster.furnishing import furnish
from tests.manifests.installation import Object, installed
from tests.waiting import until
from webhook.optin import LABEL, MIRROR, SYSTEM_NAMESPACES

BY_NAMESPACE, BY_POD = "namespaces.spanhook.dev", "pods.spanhook.dev"

Calls = dict[str, int]
Spaces = Mapping[str | None, str]
"""Namespaces by the value of their label."""

IMAGES = ("python:3.13", "node:22", "eclipse-temurin:21-jre", "golang:1.26", "nginx:1.29")


@dataclass(frozen=True, slots=True)
class Counter:
    """Calls of our two entries."""

    cluster: Cluster

    def now(self) -> Calls:
        """All so far, entries without a call left out."""
        name = "apiserver_admission_webhook_request_total"
        counts = {one: int(self.cluster.metric(name, name=one)) for one in (BY_NAMESPACE, BY_POD)}
        return {one: count for one, count in counts.items() if count}

    def during(self, act: Callable[[], object]) -> Calls:
        """Those that an act leads to."""
        before = self.now()
        act()
        return {
            one: more for one, count in self.now().items() if (more := count - before.get(one, 0))
        }

    def creating(self, namespace: str, *pods: Object) -> Calls:
        """Those that the creation of pods leads to; nothing is stored."""

        def create() -> None:
            for thing in pods:
                answer = self.cluster.create(thing, namespace=namespace, dry_run=True)
                assert answer.status == 201, answer.message

        return self.during(create)


def pod(label: str | None = None, image: str = IMAGES[0], **spec: Any) -> Object:
    """A pod that is instrumented where it is asked about."""
    metadata: Object = {"generateName": "app-", "labels": labels(label)}
    containers = [{"name": "app", "image": image}]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata,
        "spec": {"containers": containers} | spec,
    }


def labels(value: str | None) -> dict[str, str]:
    """Those of a namespace or pod that says `value`, or nothing."""
    return {} if value is None else {LABEL: value}


@pytest.fixture(scope="module")
def calls(api: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counter]:
    """The base is applied, and its entries lead to a webhook that runs beside the API server."""
    counter = Counter(api)
    with (
        webhook(tmp_path_factory.mktemp("webhook"), {}) as served,
        installed(api, "base", "--server-side"),
    ):
        direct = {
            "url": f"https://127.0.0.1:{served.port}/mutate",
            "caBundle": b64encode(served.authority.read_bytes()).decode(),
        }
        changes = [
            {"op": "replace", "path": f"/webhooks/{place}/clientConfig", "value": direct}
            for place in range(2)
        ]
        answer = api.patch("MutatingWebhookConfiguration", "spanhook", changes)
        assert answer.status == 200, answer.message
        with api.namespace(labels("enabled")) as namespace:
            until(lambda: counter.creating(namespace, pod()), "the configuration in force")
            yield counter


CASES = [
    # namespace, pod, entry
    ("enabled", None, BY_NAMESPACE),
    ("enabled", "enabled", BY_NAMESPACE),
    ("enabled", "another", BY_NAMESPACE),
    ("enabled", "disabled", None),
    ("disabled", None, None),
    ("disabled", "enabled", None),
    ("another", None, None),
    ("another", "enabled", BY_POD),
    (None, None, None),
    (None, "another", None),
    (None, "disabled", None),
    (None, "enabled", BY_POD),
]


@pytest.fixture(scope="module")
def spaces(api: Cluster) -> Iterator[Spaces]:
    """A namespace for each label."""
    with ExitStack() as stack:
        values = {of_namespace for of_namespace, _, _ in CASES}
        yield {value: stack.enter_context(api.namespace(labels(value))) for value in values}


@pytest.mark.parametrize(
    ("of_namespace", "of_pod", "entry"), CASES, ids=[f"{one[0]}, {one[1]}" for one in CASES]
)
def test_labels_choose_the_entry(
    calls: Counter,
    spaces: Spaces,
    of_namespace: str | None,
    of_pod: str | None,
    entry: str | None,
) -> None:
    """One call of the entry that the table names, though the pod is changed; never two."""
    made = calls.creating(spaces[of_namespace], pod(of_pod))

    assert made == ({} if entry is None else {entry: 1})


def test_a_pod_is_one_call_in_every_language(calls: Counter, spaces: Spaces) -> None:
    """What we write gives the API server no reason to ask again."""
    made = calls.creating(spaces["enabled"], *(pod(image=image) for image in IMAGES))

    assert made == {BY_NAMESPACE: len(IMAGES)}


def test_nothing_opted_in_is_no_call(api: Cluster, calls: Counter, spaces: Spaces) -> None:
    """Pods of all sorts come, change and go, and nobody asks us anything."""

    def live() -> None:
        for namespace in (spaces[None], spaces["disabled"], "default"):
            for image in IMAGES:
                created = api.create(pod(image=image), namespace=namespace)
                name = created.body["metadata"]["name"]
                change = {"metadata": {"labels": labels("enabled")}}
                assert api.patch("Pod", name, change, namespace).status == 200
                assert api.delete("Pod", name, namespace, gracePeriodSeconds="0").status == 200

    assert calls.during(live) == {}


EXCEPTIONS: Mapping[str, Object] = {
    "os": {"os": {"name": "windows"}},
    "node selector": {"nodeSelector": {"kubernetes.io/os": "windows"}},
}


@pytest.mark.parametrize("spec", EXCEPTIONS.values(), ids=EXCEPTIONS)
def test_windows_is_one_call(calls: Counter, spaces: Spaces, spec: Object) -> None:
    """Pods that are never instrumented are asked about once: no condition tells them apart."""
    for namespace, entry in ((spaces["enabled"], BY_NAMESPACE), (spaces[None], BY_POD)):
        assert calls.creating(namespace, pod("enabled", **spec)) == {entry: 1}


def test_a_mirror_pod_is_one_call(calls: Counter, spaces: Spaces) -> None:
    """Those of static pods, which run already, are asked about once and admitted."""
    thing = pod(nodeName="node1")
    thing["metadata"] |= {"annotations": {MIRROR: "x"}, "name": "static-node1"}

    assert calls.creating(spaces["enabled"], thing) == {BY_NAMESPACE: 1}


_CONTAINER = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}


def test_system_namespaces_are_no_call(api: Cluster, calls: Counter) -> None:
    """Whatever label somebody sets on them or on their pods."""
    restricted: Object = {
        "containers": [{"name": "app", "image": IMAGES[0], "securityContext": _CONTAINER}],
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
    }

    def label(namespace: str, value: str | None) -> None:
        change = {"metadata": {"labels": {LABEL: value}}}
        assert api.patch("Namespace", namespace, change).status == 200

    with api.namespace() as last:
        try:
            for namespace in (*sorted(SYSTEM_NAMESPACES), last):
                label(namespace, "enabled")
                furnish(
                    api, {"kind": "Namespace", "metadata": {"name": namespace}}, controllers=False
                )
            # The API server hears of namespaces in order: who sees the last one has seen all.
            until(lambda: calls.creating(last, pod()), "the labels in force")

            made = [calls.creating(one, pod("enabled", **restricted)) for one in SYSTEM_NAMESPACES]
        finally:
            for namespace in SYSTEM_NAMESPACES:
                label(namespace, None)

    assert made == [{}] * len(SYSTEM_NAMESPACES)
