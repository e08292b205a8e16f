"""What is kept of a pod, against the whole of it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from nodeagent.cluster.pod import LARGEST, Pod, PodObject
from nodeagent.cluster.verdicts import verdicts
from nodeagent.observing.application import seen
from nodeagent.observing.observation import Observation
from tests.webhook.pods import pods
from webhook import owner, shape
from webhook.model import Context, Decided, Facts, Namespace
from webhook.mutate import mutate
from webhook.observed import started
from webhook.settings import Settings
from webhook.workloads import templates

Json = Any

_decode = msgspec.json.Decoder(PodObject).decode
_ID = "0123456789abcdef" * 4
_NAMESPACE = Namespace("shop", {"spanhook.dev/instrument": "enabled"})
_GOLDEN = Path(__file__).parents[2] / "golden"


def _running(pod: Json) -> Json:
    """A template's pod as a node has it: named, on the node, with a status and what others add."""
    metadata, spec = pod.get("metadata") or {}, pod["spec"]
    notes = {"kubectl.kubernetes.io/last-applied-configuration": "x" * 2000}
    reference = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "cart-7d4b9c", "uid": "9"}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            **metadata,
            "name": "cart-7d4b9c-x2x4z",
            "namespace": "shop",
            "uid": "2c48913c-b29f-11e7-9350-020968147796",
            "annotations": {**notes, **(metadata.get("annotations") or {})},
            "managedFields": [{"manager": "kubelet", "fieldsV1": {"f:status": {}}}],
            "ownerReferences": [
                {**reference, "name": "another"},
                {**reference, "controller": True, "blockOwnerDeletion": True},
            ],
        },
        "spec": {"schedulerName": "default-scheduler", **spec, "nodeName": "node-1"},
        "status": _status(spec),
    }


def _status(spec: Json) -> Json:
    statuses = {
        f"{section[:-1]}Statuses": [
            {
                "name": one["name"],
                "containerID": f"containerd://{index:064x}",
                "imageID": f"example.com/it@sha256:{_ID}",
                "state": {"running": {"startedAt": "2026-11-01T10:00:00Z"}},
            }
            for index, one in enumerate(spec.get(section) or ())
        ]
        for section in ("containers", "initContainers")
    }
    return {"hostIP": "10.0.0.1", "conditions": [{"type": "Ready"}], **statuses}


def _kept(pod: Json) -> Pod:
    return _decode(msgspec.json.encode(pod)).kept()


def _written() -> Iterator[Any]:
    """The pods of the golden cases."""
    for file in sorted(_GOLDEN.glob("*/input.yaml")):
        documents = YAML(typ="safe", pure=True).load_all(file)
        found = [one for document in documents for one in templates(document)]
        for index, template in enumerate(found):
            if not shape.problems(template.pod):
                pod = json.loads(json.dumps(template.pod))
                yield pytest.param(pod, id=f"{file.parent.name} {index}")


def _same(whole: Json) -> None:
    """Nothing that we ask of a pod has another answer when only what is kept is asked."""
    lean = _kept(whole).document
    for settings in (Settings(), Settings(env_from_unknown="skip")):
        assert verdicts(lean, _NAMESPACE, settings) == verdicts(whole, _NAMESPACE, settings)
        assert _decided(lean, settings) == _decided(whole, settings)
    for one in _containers(whole):
        found = (seen(pod, one["name"], Observation("go")) for pod in (whole, lean))
        assert next(found) == next(found) is not None
    assert list(map(started, _containers(lean))) == list(map(started, _containers(whole)))


def _containers(pod: Json) -> list[Json]:
    names = ("containers", "initContainers")
    return [one for name in names for one in pod["spec"].get(name) or ()]


def _decided(pod: Json, settings: Settings) -> list[Json]:
    """Decisions and their evidence, without the JSON that they are about."""
    outcome = mutate(pod, Context(_NAMESPACE, owner.of_pod(pod)), Facts(), settings)
    assert outcome.failure is None
    return [_plain(one) for one in outcome.decisions]


def _plain(one: Decided) -> Json:
    return one.target.section, one.target.index, one.target.name, one.decision


@pytest.mark.parametrize("pod", tuple(_written()))
def test_what_is_kept_of_manifests_says_the_same(pod: Json) -> None:
    """Verdicts, attributes, decisions and command keys are those of the whole pod."""
    _same(_running(pod))


@given(pods, st.sampled_from([None, "Always"]), st.sampled_from([None, "/srv"]))
def test_what_is_kept_says_the_same(pod: Json, policy: str | None, folder: str | None) -> None:
    """Of generated pods too, with whatever variables, mounts and folders they have."""
    for one in _containers(pod):
        one |= {"workingDir": folder, "restartPolicy": policy}
    _same(_running(pod))


def test_who_reads_nothing_of_it_keeps_nothing_of_it() -> None:
    """Values that no decision reads are no longer there: they may be secrets."""
    env = [
        {"name": "PASSWORD", "value": "hunter2"},
        {"name": "EMPTY", "value": ""},
        {"name": "PATH", "value": "/srv/bin"},
        {"name": "CATALINA_OPTS", "value": "-javaagent:/opt/dd-java-agent.jar"},
        {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "tokens", "key": "one"}}},
    ]
    container = {"name": "app", "env": env, "livenessProbe": {"exec": {"command": ["check"]}}}
    whole = _running({"spec": {"containers": [container], "tolerations": [{"key": "x"}]}})
    pod = _kept(whole)

    assert (pod.uid, pod.namespace, pod.name) == (
        whole["metadata"]["uid"],
        "shop",
        "cart-7d4b9c-x2x4z",
    )
    assert pod.document == {
        "metadata": {
            "name": pod.name,
            "namespace": "shop",
            "uid": pod.uid,
            "ownerReferences": [
                {
                    "apiVersion": "apps/v1",
                    "kind": "ReplicaSet",
                    "name": "cart-7d4b9c",
                    "uid": "9",
                    "controller": True,
                }
            ],
        },
        "spec": {
            "containers": [
                {
                    "name": "app",
                    "env": [
                        {"name": "PASSWORD", "value": "…"},
                        {"name": "EMPTY", "value": ""},
                        *env[2:4],
                        {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "tokens"}}},
                    ],
                }
            ],
            "nodeName": "node-1",
        },
        "status": {
            "hostIP": "10.0.0.1",
            "containerStatuses": [
                {
                    "name": "app",
                    "containerID": f"containerd://{0:064x}",
                    "imageID": f"example.com/it@sha256:{_ID}",
                }
            ],
            "initContainerStatuses": [],
        },
    }


def test_containers_are_known_by_their_ids() -> None:
    """Whatever the runtime; init containers, too. One that waits has none."""
    pod = _running({"spec": {"containers": [{"name": "app"}, {"name": "late"}]}})
    pod["status"] = {
        "containerStatuses": [
            {"name": "app", "containerID": f"containerd://{_ID}"},
            {"name": "late"},
        ],
        "initContainerStatuses": [{"name": "proxy", "containerID": "cri-o://abc"}],
        "ephemeralContainerStatuses": [{"name": "debugger", "containerID": "docker://def"}],
    }
    kept = _kept(pod)

    assert kept.container(_ID) == "app"
    assert kept.container("abc") == "proxy"
    assert kept.container("def") == "debugger"
    assert kept.container("") is None


@pytest.mark.parametrize("excess", [0, 1])
def test_a_pod_that_is_too_large_is_left_alone(excess: int) -> None:
    """To the byte: of a larger one its names are kept, so that its containers are known of."""
    pod = _running({"spec": {"containers": [{"name": "app", "args": [""]}]}})
    room = LARGEST - len(_kept(pod).text)
    pod["spec"]["containers"][0]["args"] = ["x" * (room + excess)]
    kept = _kept(pod)
    found = verdicts(kept.document, _NAMESPACE, Settings())

    assert kept.problem == ("more than 128 KiB would be kept" if excess else "")
    assert len(kept.text) == LARGEST if not excess else len(kept.text) < 200
    assert list(found) == ([] if excess else ["app"])
    assert kept.container(f"{0:064x}") == "app"


@pytest.mark.parametrize(("name", "is_kept"), [("PATH", True), ("SETTINGS", False)])
def test_a_folder_list_counts_as_it_stands(name: str, *, is_kept: bool) -> None:
    """Of PATH it is part of the command key, however long; other values do not make a pod large."""
    env = [{"name": name, "value": "x" * LARGEST}]
    kept = _kept(_running({"spec": {"containers": [{"name": "app", "env": env}]}}))

    assert bool(kept.problem) is is_kept
