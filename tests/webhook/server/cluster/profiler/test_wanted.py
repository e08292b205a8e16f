"""Which images templates and pods want."""

from typing import Any

import msgspec
import pytest

from tests.webhook.server.cluster.profiler.things import (
    IN,
    NEW,
    OUT,
    SHOP,
    container,
    deployment,
    lean,
    lean_pod,
    pod,
    template,
    workload,
)
from webhook.model import Namespace
from webhook.server.cluster.profiler.objects import KINDS, Job, Lean, Pod, Workload
from webhook.server.cluster.profiler.wanted import Use, host, owners, uses
from webhook.settings import Settings

PLAIN = Namespace("shop")
SECRET = "a made-up password"


def wanted(found: Lean, namespace: Namespace = SHOP, settings: Settings | None = None) -> list[str]:
    """The references that are wanted."""
    return [use.reference for use in uses(found, namespace, settings or Settings())]


def test_a_template() -> None:
    """Reference, platform, pull secrets, and what each container starts."""
    found = lean(
        deployment(
            container("python", command=["python3"], args=["-m", "cart"], workingDir="/srv"),
            nodeSelector={"kubernetes.io/arch": "arm64", "disk": "fast"},
            imagePullSecrets=[{"name": "regcred"}, {}],
        )
    )

    (use,) = uses(found, SHOP, Settings())

    assert use.reference == "docker.io/library/python:latest"
    assert (use.namespace, use.platforms, use.secrets) == ("shop", ("linux/arm64",), ("regcred",))
    assert use.document == {
        "image": "docker.io/library/python:latest",
        "command": ["python3"],
        "args": ["-m", "cart"],
        "workingDir": "/srv",
    }
    assert host(use.reference) == "docker.io"


def test_every_kind() -> None:
    """Each kind that is watched is read where its template stands."""
    made: dict[str, Any] = {
        "CronJob": {"jobTemplate": {"spec": {"template": template()}}},
        "Pod": template()["spec"],
    }
    for kind in KINDS:
        metadata = {"name": "cart", "namespace": "shop"}
        spec = made.get(kind.kind, {"template": template()})
        item: Any = msgspec.json.decode(
            msgspec.json.encode({"metadata": metadata, "spec": spec}), type=kind.shape
        )
        assert wanted(item.lean) == ["registry.corp/cart:1"], kind


@pytest.mark.parametrize(
    ("labels", "namespace", "expected"),
    [
        ({}, SHOP, True),
        (OUT, SHOP, False),
        ({}, PLAIN, False),
        (IN, PLAIN, True),
        (IN, Namespace("shop", OUT), False),
        (IN, Namespace("kube-system"), False),
    ],
)
def test_who_is_opted_in(labels: dict[str, str], namespace: Namespace, *, expected: bool) -> None:
    """The rules of the admission itself: pods' labels and the namespace's."""
    assert bool(wanted(lean(deployment(labels=labels)), namespace)) is expected


def test_ignored_namespace() -> None:
    """What the settings ignore is not asked for."""
    settings = Settings(ignored_namespaces=("shop",))

    assert wanted(lean(deployment()), settings=settings) == []


def test_containers_that_an_admission_would_not_ask_for() -> None:
    """Known sidecars, init containers, our own, what cannot be instrumented, and wrong names."""
    made = deployment(
        container(),
        container("envoyproxy/envoy:v1", "proxy"),
        container("nginx:1", "web", command=["nginx"]),
        container("Not A Reference", "odd"),
        container("", "empty"),
    )
    made["spec"]["template"]["spec"]["initContainers"] = [
        container("registry.corp/migrate:1", "migrate"),
        container("registry.corp/watch:1", "watch", restartPolicy="Always"),
        container("ghcr.io/spanhook/agent-python:1", "spanhook-agent-python"),
    ]

    assert wanted(lean(made)) == ["registry.corp/cart:1", "registry.corp/watch:1"]


def test_annotations_count() -> None:
    """Of a container that is excluded nothing has to be known; of a named init container it has."""
    made = deployment(container(), container("registry.corp/worker:1", "worker"))
    inner = made["spec"]["template"]
    inner["spec"]["initContainers"] = [container("registry.corp/migrate:1", "migrate")]
    inner["metadata"]["annotations"] = {
        "spanhook.dev/languages": "app=none,migrate=java",
        "prometheus.io/scrape": "true",
    }

    assert wanted(lean(made)) == ["registry.corp/worker:1", "registry.corp/migrate:1"]


def test_what_is_kept() -> None:
    """Nothing that no decision reads: no values of variables but PATH, no other labels."""
    variables = [
        {"name": "DB_PASSWORD", "value": SECRET},
        {"name": "JAVA_OPTS", "value": SECRET},
        {"name": "PATH", "value": "/opt/bin"},
        {"name": "PATH", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
    ]
    found = lean(deployment(container(env=variables, resources={"limits": {"cpu": "1"}})))

    assert SECRET.encode() not in found.json
    assert b"limits" not in found.json
    assert b'"app":"cart"' not in found.json
    assert found.pod()["spec"]["containers"][0]["env"] == [
        {"name": "JAVA_OPTS"},
        {"name": "PATH", "value": "/opt/bin"},
        {"name": "PATH"},
    ]


def test_replicas_share_what_is_kept() -> None:
    """A thousand pods of one workload are held once, as long as somebody holds them."""
    first, second = lean_pod(pod()), lean_pod(pod() | {"metadata": {"name": "cart-2"}})

    assert first is second


def test_an_instrumented_pod_is_like_its_template() -> None:
    """What we added changes neither what is wanted nor from pod to pod."""
    instrumented = pod(container(env=[{"name": "SPANHOOK_POD_NAME", "value": "cart-1"}]))
    instrumented["metadata"] |= {
        "labels": {"spanhook.dev/injected": "true"},
        "annotations": {"spanhook.dev/status": "{}", "spanhook.dev/config-hash": "1234"},
    }
    instrumented["spec"]["initContainers"] = [
        container("ghcr.io/spanhook/agent-java:1", "spanhook-agent-java")
    ]

    assert lean_pod(instrumented) is lean_pod(pod())


def test_what_a_node_runs() -> None:
    """A digest, where the node pulled the image; an imported one has none."""
    two = (container(), container("registry.corp/worker:1", "worker"))
    names = {"app": f"docker-pullable://registry.corp/cart@{NEW}", "worker": f"sha256:{'9' * 64}"}

    found = uses(lean_pod(pod(*two, running=names)), SHOP, Settings())

    assert [use.running for use in found] == [NEW, ""]


@pytest.mark.parametrize(
    "document",
    [
        workload(None),
        workload({}),
        workload({"spec": None}),
        {"metadata": {"name": "a"}},
        {"metadata": {"name": "a"}, "spec": {"jobTemplate": {"spec": None}}},
        {"metadata": {"name": "a"}, "spec": {"jobTemplate": {}}},
    ],
)
def test_nothing_there(document: dict[str, Any]) -> None:
    """An object without a template wants nothing, and is no error."""
    assert msgspec.json.decode(msgspec.json.encode(document), type=Workload).lean is None


def test_everybodys_credentials_have_their_turn() -> None:
    """Of those who use an image eight at a time, others after each failure: all in the end."""
    named = {(f"shop-{number}", ("regcred",)) for number in range(9)}
    others = {(f"free-{number}", ()) for number in range(11)}
    found = [Use("x", name, (), secrets, b"{}") for name, secrets in named | others]

    turns = [owners(found, turn) for turn in range(3)]

    assert [len(set(one)) for one in turns] == [8, 8, 8]
    assert set(turns[0]) < named
    assert {one for turn in turns for one in turn} == named | others
    assert owners(found, 5) == owners(found, 0)
    assert owners(found[:2], 1) == owners(found[:2], 0)


def test_what_may_start_any_number_of_things() -> None:
    """Pods and Jobs; a template starts the same each time."""
    job = msgspec.json.decode(msgspec.json.encode(workload(template())), type=Job).lean
    assert job is not None

    found = [uses(one, SHOP, Settings())[0] for one in (lean(deployment()), job, lean_pod(pod()))]

    assert [use.is_fleeting for use in found] == [False, True, True]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ({"completionTime": "2026-01-01T00:00:00Z"}, False),
        ({"conditions": [{"type": "Failed", "status": "True"}]}, False),
        ({"conditions": [{"type": "Failed", "status": "False"}]}, True),
        ({"conditions": [{"type": "Suspended", "status": "True"}]}, True),
        ({"active": 1}, True),
        (None, True),
    ],
)
def test_jobs_that_have_ended(status: object, *, expected: bool) -> None:
    """They stay, with their template, but nothing is started from it any more."""
    document = msgspec.json.encode({**workload(template()), "status": status})

    assert (msgspec.json.decode(document, type=Job).lean is not None) is expected


def test_a_pod_without_anything() -> None:
    """A pod without a spec wants nothing; one without containers neither."""
    assert msgspec.json.decode(b'{"metadata":{}}', type=Pod).lean is None
    assert wanted(lean_pod({"metadata": {}, "spec": {"containers": None}})) == []


def test_uses_are_values() -> None:
    """Two containers that start the same of one image are one use."""
    found = uses(lean(deployment(container(), container(name="second"))), SHOP, Settings())

    assert found == (Use("registry.corp/cart:1", "shop", (), (), b"{}"),)
