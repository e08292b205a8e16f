import copy
from typing import Any

import pytest

from nodeagent.cluster.verdicts import verdicts
from webhook.model import Context, Facts, Namespace
from webhook.mutate import mutate
from webhook.owner import of_pod
from webhook.patch import apply
from webhook.settings import LanguageSettings, Settings

_ENABLED = Namespace("shop", {"spanhook.dev/instrument": "enabled"})
_NOTHING = Namespace("shop")


def _pod(*containers: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    return {
        "metadata": {
            "name": "cart-7d4b9c-x2x4z",
            "namespace": "shop",
            "uid": "2c48913c-b29f-11e7-9350-020968147796",
            "labels": {"pod-template-hash": "7d4b9c", **metadata.pop("labels", {})},
            "ownerReferences": [{"kind": "ReplicaSet", "name": "cart-7d4b9c", "controller": True}],
            **metadata,
        },
        "spec": {
            "nodeName": "node-1",
            "containers": list(containers) or [_container("app")],
        },
    }


def _container(name: str, image: str = "example.com/cart:1.2", **more: Any) -> dict[str, Any]:
    return {"name": name, "image": image, **more}


def _traced(pod: dict[str, Any], namespace: Namespace = _ENABLED) -> dict[str, bool]:
    found = verdicts(pod, namespace, Settings())
    return {name: verdict.traced for name, verdict in found.items()}


_CASES: dict[str, tuple[dict[str, Any], Namespace, dict[str, bool]]] = {
    "unknown": (_pod(), _ENABLED, {"app": True}),
    "not-opted-in": (_pod(), _NOTHING, {}),
    "pod-opted-in": (
        _pod(labels={"spanhook.dev/instrument": "enabled"}),
        _NOTHING,
        {"app": True},
    ),
    "pod-says-no": (_pod(labels={"spanhook.dev/instrument": "disabled"}), _ENABLED, {}),
    "labelled-go-says-no": (
        _pod(labels={"spanhook.dev/instrument": "disabled", "spanhook.dev/ebpf": "go"}),
        _ENABLED,
        {},
    ),
    "labelled-go": (_pod(labels={"spanhook.dev/ebpf": "go"}), _NOTHING, {"app": True}),
    "namespace-says-no": (
        _pod(labels={"spanhook.dev/ebpf": "go"}),
        Namespace("shop", {"spanhook.dev/instrument": "disabled"}),
        {},
    ),
    "system": (_pod(), Namespace("kube-system", _ENABLED.labels), {}),
    "mirror": (_pod(annotations={"kubernetes.io/config.mirror": "1"}), _ENABLED, {}),
    "container-says-no": (
        _pod(
            _container("app"),
            _container("job"),
            annotations={"spanhook.dev/languages": "job=none"},
        ),
        _ENABLED,
        {"app": True},
    ),
    "said-to-be-go": (
        _pod(annotations={"spanhook.dev/languages": "app=go"}),
        _ENABLED,
        {"app": True},
    ),
    "another-language": (
        _pod(_container("app", command=["python3", "shop.py"])),
        _ENABLED,
        {"app": False},
    ),
    "sidecar": (
        _pod(_container("app"), _container("istio-proxy", "istio/proxyv2:1.2")),
        _ENABLED,
        {"app": True},
    ),
    "no-traces": (
        _pod(annotations={"spanhook.dev/signals": "metrics,logs"}),
        _ENABLED,
        {"app": False},
    ),
    "does-not-parse": (
        _pod(annotations={"spanhook.dev/languages": "app=cobol"}),
        _ENABLED,
        {},
    ),
}


@pytest.mark.parametrize(("pod", "namespace", "expected"), _CASES.values(), ids=_CASES.keys())
def test_the_webhooks_rules_hold(
    pod: dict[str, Any], namespace: Namespace, expected: dict[str, bool]
) -> None:
    """By container that is looked at: whether a Go process in it is traced."""
    assert _traced(pod, namespace) == expected


@pytest.mark.parametrize("annotations", [{}, {"spanhook.dev/languages": "app=go"}])
def test_a_language_that_is_turned_off_is_not_traced(annotations: dict[str, str]) -> None:
    """Settings hold for what the node agent does, too."""
    settings = Settings(languages={"go": LanguageSettings(enabled=False)})

    found = verdicts(_pod(annotations=annotations), _ENABLED, settings)

    assert {name: verdict.traced for name, verdict in found.items()} == {"app": False}


def test_identity_is_what_admission_would_give() -> None:
    """Names of the pod, its workload, its node and its container, and the service's."""
    verdict = verdicts(_pod(), _ENABLED, Settings())["app"]

    assert verdict.ratio is None
    assert verdict.attributes == {
        "k8s.namespace.name": "shop",
        "k8s.deployment.name": "cart",
        "k8s.replicaset.name": "cart-7d4b9c",
        "k8s.pod.name": "cart-7d4b9c-x2x4z",
        "k8s.pod.uid": "2c48913c-b29f-11e7-9350-020968147796",
        "k8s.node.name": "node-1",
        "k8s.container.name": "app",
        "service.namespace": "shop",
        "service.instance.id": "shop.cart-7d4b9c-x2x4z.app",
        "service.version": "1.2",
        "service.name": "cart",
    }


def test_annotations_speak_of_service_sampling_and_attributes() -> None:
    """What is odd in a value arrives as it was written."""
    pod = _pod(
        annotations={
            "spanhook.dev/service-name": "basket",
            "spanhook.dev/sampling-ratio": "0.25",
            "spanhook.dev/resource.team": "a,b=$(SPANHOOK_POD_NAME) 100%",
        }
    )

    verdict = verdicts(pod, _ENABLED, Settings())["app"]

    assert verdict.ratio == 0.25
    assert verdict.attributes["service.name"] == "basket"
    assert verdict.attributes["team"] == "a,b=$(SPANHOOK_POD_NAME) 100%"


def test_what_admission_decided_stays() -> None:
    """The service's name is read from the status, whatever would be decided now."""
    pod = _pod(annotations={"spanhook.dev/languages": "app=go"})
    context = Context(_ENABLED, of_pod(pod))
    outcome = mutate(copy.deepcopy(pod), context, Facts(), Settings())
    admitted = apply(pod, outcome.operations)
    admitted["metadata"]["labels"]["app.kubernetes.io/name"] = "renamed"

    verdict = verdicts(admitted, _NOTHING, Settings())["app"]

    assert admitted["metadata"]["labels"]["spanhook.dev/ebpf"] == "go"
    assert verdict.traced
    assert verdict.attributes["service.name"] == "cart"


def test_only_one_container_has_the_name_alone() -> None:
    """The name of all but the first that may be traced has the container's too."""
    found = verdicts(_pod(_container("app"), _container("job")), _ENABLED, Settings())

    names = [verdict.attributes["service.name"] for verdict in found.values()]
    assert names == ["cart", "cart-job"]
