import copy
from typing import Any

import pytest

from tests.webhook.examples import IMAGES, container, mutated, pod, variables
from webhook import patch
from webhook.languages import BY_NAME
from webhook.settings import InitContainerSettings, LanguageSettings, Settings
from webhook.status import CONFIG_HASH, EBPF, INJECTED

Json = dict[str, Any]
HASH = CONFIG_HASH


def _agent(whole: Json, settings: Settings | None = None, language: str = "python") -> Json:
    once, _ = mutated(whole, settings=settings)
    found = [c for c in once["spec"]["initContainers"] if c["name"] == BY_NAME[language].agent]
    return dict(found[0])


@pytest.mark.parametrize(
    ("of_pod", "of_container", "expected"),
    [
        (None, None, 65532),
        ({}, {}, 65532),
        ({"runAsUser": 1000}, None, 1000),
        ({"runAsUser": 1000}, {"runAsUser": 2000}, 2000),
        ({"runAsUser": 1000}, {"runAsUser": None}, 1000),
        ({"runAsUser": 1000}, {"runAsUser": 0}, 65532),
        ({"runAsUser": 0}, None, 65532),
        ({"runAsUser": 0}, {"runAsUser": 2000}, 2000),
    ],
)
def test_user(of_pod: Any, of_container: Any, expected: int) -> None:
    """The served container's effective user copies the agent, and never root."""
    whole = pod(container(securityContext=of_container), securityContext=of_pod)

    assert _agent(whole)["securityContext"]["runAsUser"] == expected


def test_user_of_the_cluster() -> None:
    """Where the cluster chooses users, none is written."""
    settings = Settings(init_container=InitContainerSettings(set_user=False))

    assert "runAsUser" not in _agent(pod(), settings)["securityContext"]


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        (None, None),
        ({}, None),
        ({"limits": None, "requests": {}}, None),
        ({"limits": {"nvidia.com/gpu": 1}}, None),
        ({"limits": {"memory": "1Gi"}}, {"limits": {"memory": "1Gi"}}),
        (
            {"limits": {"cpu": 1, "memory": "1Gi"}, "requests": {"ephemeral-storage": "1Gi"}},
            {"limits": {"cpu": 1, "memory": "1Gi"}, "requests": {"ephemeral-storage": "1Gi"}},
        ),
        ({"requests": {"hugepages-2Mi": "4Mi"}, "claims": [{"name": "gpu"}]}, None),
    ],
)
def test_resources(resources: Any, expected: Any) -> None:
    """Compute resources are copied verbatim, devices and claims are not."""
    assert _agent(pod(container(resources=resources))).get("resources") == expected


def test_settings() -> None:
    """Image and pull policy are the settings', where they say them."""
    settings = Settings(
        languages={"python": LanguageSettings(image="mirror.example/python:1")},
        init_container=InitContainerSettings(image_pull_policy="Always"),
    )

    assert _agent(pod(), settings)["image"] == "mirror.example/python:1"
    assert _agent(pod(), settings)["imagePullPolicy"] == "Always"
    assert "imagePullPolicy" not in _agent(pod())


def test_first_container_is_served() -> None:
    """Of several containers of a language the first lends its resources."""
    small, large = ({"requests": {"cpu": cpu}} for cpu in ("100m", "4"))
    whole = pod(container(resources=small), container(name="two", resources=large))

    assert _agent(whole)["resources"] == small


def test_one_agent_per_language() -> None:
    """Volumes and init containers stand once per language, in one order, first in the list."""
    whole = pod(
        container("node:22", "a"),
        container("python:3.12", "b"),
        container("node:22", "c"),
        volumes=[{"name": "data", "emptyDir": {}}],
        initContainers=[container("busybox", "init")],
    )
    once, _ = mutated(whole)

    names = ["spanhook-agent-python", "spanhook-agent-nodejs"]
    assert [c["name"] for c in once["spec"]["initContainers"]] == [*names, "init"]
    assert [v["name"] for v in once["spec"]["volumes"]] == ["data", *names]


@pytest.mark.parametrize(
    ("images", "labels"),
    [
        (("python:3.12",), {INJECTED: "true"}),
        (("golang:1.24",), {EBPF: "go"}),
        (("golang:1.24", "python:3.12"), {INJECTED: "true", EBPF: "go"}),
        (("nginx",), None),
    ],
)
def test_labels(images: tuple[str, ...], labels: Json | None) -> None:
    """Labels say what happened: an agent in the pod, or the node agent's business, or nothing."""
    once, _ = mutated(pod(*(container(image, f"c{n}") for n, image in enumerate(images))))

    assert once["metadata"].get("labels") == labels


def test_go_is_untouched() -> None:
    """A pod of Go containers gets marks and nothing else."""
    whole = pod(container("golang:1.24"))
    once, _ = mutated(whole)

    assert once["spec"] == whole["spec"]


def _hash(whole: Json, settings: Settings | None = None) -> str:
    return str(mutated(whole, settings=settings)[0]["metadata"]["annotations"][HASH])


@pytest.mark.parametrize(
    ("whole", "settings", "same"),
    [
        (pod(), Settings(), True),
        (pod(), Settings(env_from_unknown="skip", ignored_namespaces=("x",)), True),
        (pod(), Settings(languages={"java": LanguageSettings(image="other")}), True),
        (pod(container(ports=[{"containerPort": 80}])), Settings(), True),
        (pod(), Settings(endpoint="http://other:4318"), False),
        (pod(), Settings(languages={"python": LanguageSettings(image="other")}), False),
        (pod(), Settings(sampling_ratio=0.5), False),
        (pod(container(env=variables(PYTHONPATH="/a"))), Settings(), False),
        (pod(container(resources={"limits": {"memory": "1Gi"}})), Settings(), False),
    ],
)
def test_hash(whole: Json, settings: Settings, same: bool) -> None:
    """The hash changes when what the pod gets changes, and only then."""
    assert (_hash(whole, settings) == _hash(pod())) == same


def test_hash_of_later_rounds() -> None:
    """A later round adds to the hash of the first."""
    once, _ = mutated(pod())
    once["spec"]["containers"].append(container("node:22", "late"))
    twice, _ = mutated(once)

    assert twice["metadata"]["annotations"][HASH] != once["metadata"]["annotations"][HASH]


@pytest.mark.parametrize(
    "env",
    [
        variables(PYTHONPATH="/a", OTEL_RESOURCE_ATTRIBUTES="a=b"),
        variables(OTEL_RESOURCE_ATTRIBUTES=None, A="b", PYTHONPATH=None, C="d"),
        variables(PYTHONPATH=None, OTEL_RESOURCE_ATTRIBUTES="a=b", A="b"),
        variables(A="b", OTEL_RESOURCE_ATTRIBUTES=None, PYTHONPATH="/a"),
    ],
)
def test_edits_do_not_shift_each_other(env: list[Json]) -> None:
    """Whatever is renamed, merged and inserted, the user's variables keep their order."""
    once, _ = mutated(pod(container(env=env)))
    after = once["spec"]["containers"][0]["env"]
    names = [entry["name"].removeprefix("SPANHOOK_ORIGINAL_") for entry in env]

    # Each has its place between the ones that stood around it, directly behind its original.
    places = [max(i for i, entry in enumerate(after) if entry["name"] == name) for name in names]
    assert places == sorted(places)
    for place, name in zip(places, names, strict=True):
        original = f"SPANHOOK_ORIGINAL_{name}"
        if f"$({original})" in after[place].get("value", ""):
            assert after[place - 1]["name"] == original


def test_operations_apply_in_turn() -> None:
    """Every operation applies to what the ones before it left."""
    whole = pod(
        container(env=variables(PYTHONPATH=None, OTEL_RESOURCE_ATTRIBUTES="a=b")),
        initContainers=[
            container("node:22", "side", restartPolicy="Always", env=variables(NODE_OPTIONS="--a"))
        ],
    )
    once, outcome = mutated(whole)
    step = copy.deepcopy(whole)
    for operation in outcome.operations:
        step = patch.apply(step, [operation])

    assert step == once
    side = once["spec"]["initContainers"][2]
    assert side["name"] == "side"
    assert side["env"][0]["value"] == "--a --require /spanhook/nodejs/bootstrap.js"


@pytest.mark.parametrize("language", list(IMAGES))
def test_read_only(language: str) -> None:
    """The application may read the agent, and not change it."""
    once, _ = mutated(pod(container(IMAGES[language])))

    (mount,) = once["spec"]["containers"][0]["volumeMounts"]
    assert mount == {
        "name": BY_NAME[language].agent,
        "mountPath": BY_NAME[language].directory,
        "readOnly": True,
    }
