import json
from typing import Any

import msgspec
import pytest

from tests.webhook.examples import container
from webhook.model import Decided, Inject, Skip, Target
from webhook.reasons import Reason
from webhook.status import EBPF, STATUS, ContainerRecord, left_to_node_agent, read, render

POD = {"created": {"spec.volumes": "absent"}, "labels": ["a"], "agents": ["python"]}


def _decided(name: str, decision: Inject | Skip, section: Any = "containers") -> Decided:
    return Decided(Target(section, 0, container(name=name), name), decision)


def _pod(text: Any) -> dict[str, Any]:
    return {"metadata": {"annotations": {STATUS: text}}}


INJECT = Inject("python", "3.12", "glibc")
SKIP = Skip(Reason.KNOWN_SIDECAR, "Istio proxy")


def test_round_trip() -> None:
    """What is written is read again."""
    record = ContainerRecord(
        "python", ["A"], {"B": [1, 0, "value"], "C": ["renamed"]}, {"env": "null"}
    )
    text = render(None, [_decided("app", INJECT), _decided("x", SKIP)], POD, {"app": record}, {})

    assert read(_pod(text)) == json.loads(text)
    assert json.loads(text) == {
        "v": 1,
        "containers": [
            {
                "name": "app",
                "decision": "inject",
                "language": "python",
                "version": "3.12",
                "libc": "glibc",
            },
            {"name": "x", "decision": "skip", "reason": "KnownSidecar"},
        ],
        "pod": POD,
        "added": {
            "app": {
                "language": "python",
                "env": ["A"],
                "merged": {"B": [1, 0, "value"], "C": ["renamed"]},
                "created": {"env": "null"},
            }
        },
    }


def test_empty_parts() -> None:
    """What is empty is left out."""
    assert msgspec.to_builtins(ContainerRecord("java")) == {"language": "java"}


def test_init_containers() -> None:
    """Init containers stand in it only where they are injected."""
    decisions = [
        _decided("a", INJECT, "initContainers"),
        _decided("b", Skip(Reason.INIT_CONTAINER), "initContainers"),
    ]
    document = json.loads(render(None, decisions, POD, {}, {}))

    assert [entry["name"] for entry in document["containers"]] == ["a"]


def test_service() -> None:
    """The node agent reads the service's name of what it traces."""
    document = json.loads(render(None, [_decided("go", Inject("go"))], POD, {}, {"go": "stock"}))

    assert document["containers"] == [
        {"name": "go", "decision": "inject", "language": "go", "service": "stock"}
    ]


def test_later_round() -> None:
    """What an earlier round knew and created stays; what is gone goes; what is new is added."""
    first = render(
        None,
        [_decided("app", INJECT), _decided("gone", SKIP)],
        POD,
        {"app": ContainerRecord("python")},
        {},
    )
    already = Skip(Reason.ALREADY_INSTRUMENTED, "ours", "python")
    now = {
        "created": {"spec.volumes": "null", "metadata.labels": "absent"},
        "labels": ["b"],
        "agents": [],
    }
    second = render(
        read(_pod(first)),
        [_decided("app", already), _decided("new", Inject("java"))],
        now,
        {"new": ContainerRecord("java")},
        {},
    )
    document = json.loads(second)

    assert [c["decision"] for c in document["containers"]] == ["inject", "inject"]
    assert document["pod"] == {
        "created": {"spec.volumes": "absent", "metadata.labels": "absent"},
        "labels": ["a", "b"],
        "agents": ["python"],
    }
    assert set(document["added"]) == {"app", "new"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no json",
        "[]",
        "null",
        "{}",
        '{"v":2,"containers":[],"pod":{},"added":{}}',
        '{"v":1}',
        '{"v":1,"containers":3,"pod":{},"added":{}}',
        '{"v":1,"containers":[{}],"pod":{},"added":{}}',
        '{"v":1,"containers":[],"pod":[],"added":{}}',
        '{"v":1,"containers":[],"pod":{"created":3},"added":{}}',
        '{"v":1,"containers":[],"pod":{},"added":{"app":{"env":[]}}}',
        '{"v":1,"containers":[],"pod":{},"added":{"app":{"language":"java","env":[3]}}}',
        '{"v":1,"containers":[],"pod":{},"added":{"app":{"language":"java","merged":{"A":3}}}}',
        "[" * 100_000,
        3,
        None,
    ],
    ids=lambda text: str(text)[:90],
)
def test_not_ours(text: Any) -> None:
    """What we would not have written is not read."""
    assert read(_pod(text)) is None


@pytest.mark.parametrize("pod", [{}, {"metadata": None}, {"metadata": {"annotations": None}}])
def test_none(pod: dict[str, Any]) -> None:
    """Where there is no annotation there is no status."""
    assert read(pod) is None


@pytest.mark.parametrize(
    ("labels", "decided", "expected"),
    [
        ({EBPF: "go"}, Inject("go"), True),
        ({}, Inject("go"), False),
        (None, Inject("go"), False),
        ({EBPF: "go"}, Inject("python"), False),
        ({EBPF: "go"}, Skip(Reason.LANGUAGE_DISABLED, "", "go"), False),
    ],
)
def test_left_to_node_agent(
    labels: dict[str, str] | None, decided: Inject | Skip, expected: bool
) -> None:
    """The label and the annotation together say that the node agent traces a container."""
    pod = _pod(render(None, [_decided("app", decided)], POD, {}, {}))
    pod["metadata"]["labels"] = labels

    assert left_to_node_agent(pod, "app") is expected
    assert not left_to_node_agent(pod, "other")
