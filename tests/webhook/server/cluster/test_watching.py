"""Against a real API server: what changes there reaches decisions."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cluster import Cluster
from tests.waiting import until
from tests.webhook.server.cluster.running import Running, pod, running

SETTINGS = "spanhook-settings"


@pytest.fixture
def own(api: Cluster) -> Iterator[str]:
    """The namespace of the webhook's own objects."""
    with api.namespace() as name:
        yield name


@pytest.fixture
def webhook(api: Cluster, own: str, tmp_path: Path) -> Iterator[Running]:
    """A webhook that is ready."""
    with running(api.kubeconfig, tmp_path, own) as one:
        yield one


def config_map(name: str, namespace: str, **data: str) -> dict[str, Any]:
    """A ConfigMap."""
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


def settings(text: str, namespace: str) -> dict[str, Any]:
    """The settings' ConfigMap."""
    return config_map(SETTINGS, namespace, **{"settings.yaml": text})


def test_ready(webhook: Running) -> None:
    """Every cache is synced, named in /readyz?verbose, and measured."""
    reply = webhook.ready()

    assert reply.status == 200
    for name in ("namespaces", "configmaps", "settings"):
        assert reply.json["checks"][name].startswith("ok; ")
        assert webhook.metric(f'spanhook_cache_connected{{cache="{name}"}}') == 1
    assert webhook.metric('spanhook_cache_objects{cache="namespaces"}') >= 4
    assert webhook.metric("spanhook_settings_valid") == 1


def test_a_namespaces_annotations(api: Cluster, webhook: Running) -> None:
    """A namespace's annotation holds for its pods, from the moment that it changes."""
    with api.namespace({"spanhook.dev/instrument": "enabled"}) as name:
        assert webhook.review(name, pod()).variable("OTEL_METRICS_EXPORTER") == "otlp"
        change = {"metadata": {"annotations": {"spanhook.dev/signals": "traces"}}}
        api.patch("namespaces", name, change)
        until(
            lambda: webhook.review(name, pod()).variable("OTEL_METRICS_EXPORTER") == "none",
            "the annotation holds",
        )
        api.patch("namespaces", name, {"metadata": {"annotations": None}})
        until(
            lambda: webhook.review(name, pod()).variable("OTEL_METRICS_EXPORTER") == "otlp",
            "the annotation is gone",
        )


def test_who_is_opted_in(api: Cluster, webhook: Running) -> None:
    """What the API server sends counts as opted in, unless a label that is known opts out."""
    labels = {"spanhook.dev/instrument": "disabled"}
    with api.namespace() as plain, api.namespace(labels) as out:
        assert webhook.review(plain, pod()).decisions == "app=inject:java"
        assert webhook.review("not-seen-yet", pod()).decisions == "app=inject:java"
        until(
            lambda: webhook.review(out, pod()).decisions == "app=skip:OptedOut",
            "the namespace's label is known",
        )
        refused = pod()
        refused["metadata"]["labels"] = labels
        assert webhook.review("not-seen-yet", refused).decisions == "app=skip:OptedOut"
    assert webhook.review("kube-system", pod()).decisions == "app=skip:SystemNamespace"


def test_config_maps(api: Cluster, webhook: Running) -> None:
    """A key that is known is referred to; without it nothing is; a ConfigMap that is gone warns."""
    one = pod(envFrom=[{"prefix": "JAVA_", "configMapRef": {"name": "jvm"}}])
    plain = webhook.review("nowhere", pod()).variable("JAVA_TOOL_OPTIONS")
    with api.namespace() as name:
        api.apply(config_map("jvm", name, TOOL_OPTIONS="-Xss1m", PASSWORD="p"))
        until(
            lambda: (
                webhook.review(name, one).variable("JAVA_TOOL_OPTIONS")
                == f"$(JAVA_TOOL_OPTIONS) {plain}"
            ),
            "the key is known",
        )
        assert webhook.review(name, one).warnings == []
        api.patch("configmaps", "jvm", {"data": {"TOOL_OPTIONS": None}}, name)
        until(
            lambda: webhook.review(name, one).variable("JAVA_TOOL_OPTIONS") == plain,
            "the key is gone",
        )
        assert webhook.review(name, one).warnings == []
        api.delete("configmaps", "jvm", name)
        until(lambda: webhook.review(name, one).warnings, "the ConfigMap is gone")
        (warning,) = webhook.review(name, one).warnings
        assert 'ConfigMap "jvm" is not read' in warning


def test_settings(api: Cluster, own: str, webhook: Running) -> None:
    """Right settings hold at once; wrong ones change nothing and raise an Event; none are none."""
    endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT"
    default = webhook.review("shop", pod()).variable(endpoint)
    api.apply(settings("endpoint: http://mine:4318", own))
    until(
        lambda: webhook.review("shop", pod()).variable(endpoint) == "http://mine:4318",
        "the settings hold",
    )
    api.apply(settings("endpoint: [1]\nsignals: [traces]", own))
    until(lambda: webhook.metric("spanhook_settings_valid") == 0, "the metric says it")
    answer = webhook.review("shop", pod())
    assert answer.variable(endpoint) == "http://mine:4318"
    assert answer.variable("OTEL_METRICS_EXPORTER") == "otlp"
    assert "endpoint: expected `str`; there is [1]" in webhook.check("settings")
    assert webhook.ready().status == 200
    (event,) = until(lambda: events(api, own), "the Event is written")
    assert (event["reason"], event["type"]) == ("InvalidSettings", "Warning")
    assert event["regarding"]["name"] == SETTINGS
    assert "endpoint: expected `str`; there is [1]" in event["note"]
    assert SETTINGS in described(api, "configmap", SETTINGS, own)
    api.delete("configmaps", SETTINGS, own)
    until(lambda: webhook.review("shop", pod()).variable(endpoint) == default, "the defaults hold")
    assert webhook.metric("spanhook_settings_valid") == 1


def test_wrong_settings_at_the_start(api: Cluster, own: str, tmp_path: Path) -> None:
    """The webhook serves with what is right, and says what is wrong."""
    api.apply(settings("endpoint: [1]\nsignals: [traces]", own))

    with running(api.kubeconfig, tmp_path, own) as webhook:
        answer = webhook.review("shop", pod())

        assert answer.variable("OTEL_METRICS_EXPORTER") == "none"
        assert str(answer.variable("OTEL_EXPORTER_OTLP_ENDPOINT")).startswith("http://spanhook-")
        assert webhook.metric("spanhook_settings_valid") == 0
        until(lambda: events(api, own), "the Event is written")


def test_settings_from_a_file(api: Cluster, own: str, tmp_path: Path) -> None:
    """Settings from a file go in place of the ConfigMap, which nobody then looks at."""
    file = tmp_path / "settings.yaml"
    file.write_text("signals: [metrics]")
    api.apply(settings("signals: [traces]", own))

    with running(api.kubeconfig, tmp_path, own, settings=file) as webhook:
        assert webhook.review("shop", pod()).variable("OTEL_TRACES_EXPORTER") == "none"
        assert "settings" not in webhook.ready().json["checks"]


def workload_pod(name: str, hash_: str) -> dict[str, Any]:
    """A pod of a Deployment's ReplicaSet whose language nothing tells."""
    reference = {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "name": f"{name}-{hash_}",
        "uid": "u",
        "controller": True,
    }
    metadata = {
        "generateName": f"{name}-{hash_}-",
        "labels": {"pod-template-hash": hash_},
        "ownerReferences": [reference],
    }
    return {
        "metadata": metadata,
        "spec": {"containers": [{"name": "app", "image": "a/b:1"}]},
    }


def test_events_on_workloads(api: Cluster, webhook: Running) -> None:
    """A Deployment hears once what its pods' containers lack, where kubectl describe shows it."""
    with api.namespace() as name:
        api.apply(deployment("cart", name))
        for _ in range(3):
            webhook.review(name, workload_pod("cart", "6c8b"))
        webhook.review(name, workload_pod("other", "6c8b"), dryRun=True)

        until(lambda: events(api, name), "the Event is written")
        webhook.review(name, workload_pod("cart", "9f77"))
        until(
            lambda: webhook.metric('spanhook_events_total{outcome="repeated"}') >= 3,
            "the others are the same",
        )
        (event,) = events(api, name)
        found = api.get("deployments", "cart", name)
        assert found is not None
        assert event["regarding"] == {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "name": "cart",
            "namespace": name,
            "uid": found["metadata"]["uid"],
        }
        assert event["reason"] == "LanguageUnknown"
        assert event["reportingController"] == "spanhook.dev/webhook"
        assert event["reportingInstance"] == "replica-1"
        assert "LanguageUnknown" in described(api, "deployment", "cart", name)


def test_two_replicas(api: Cluster, own: str, webhook: Running, tmp_path: Path) -> None:
    """What two replicas say of one thing is one Event."""
    other = tmp_path / "other"
    other.mkdir()
    with api.namespace() as name, running(api.kubeconfig, other, own) as second:
        api.apply(deployment("cart", name))
        for one in (webhook, second):
            one.review(name, workload_pod("cart", "6c8b"))

        until(
            lambda: (
                sum(
                    one.metric(f'spanhook_events_total{{outcome="{outcome}"}}')
                    for one in (webhook, second)
                    for outcome in ("written", "repeated")
                )
                == 2
            ),
            "both have said it",
        )
        assert len(events(api, name)) == 1


def deployment(name: str, namespace: str) -> dict[str, Any]:
    """A Deployment."""
    labels = {"app": name}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [{"name": "app", "image": "a/b:1"}]},
            },
        },
    }


def events(api: Cluster, namespace: str) -> list[dict[str, Any]]:
    """The Events in a namespace that are ours."""
    path = f"/apis/events.k8s.io/v1/namespaces/{namespace}/events"
    found = api.request("GET", path).body["items"]
    return [one for one in found if one["reportingController"] == "spanhook.dev/webhook"]


def described(api: Cluster, kind: str, name: str, namespace: str) -> str:
    """What kubectl says of an object."""
    return api.kubectl("describe", kind, name, "--namespace", namespace).stdout
