from typing import Any

import pytest

from tests.webhook.examples import container, mutated, pod
from webhook.languages import BY_NAME
from webhook.structure import (
    init_container_is_ours,
    injected_language,
    serves_pod,
    taken_name,
    targets,
    volume_is_ours,
)

PYTHON = BY_NAME["python"]


def _injected() -> dict[str, Any]:
    return mutated(pod(container(), container("nginx", "web")))[0]


def test_recognised() -> None:
    """What an injection leaves is recognised by its structure alone."""
    once = _injected()
    del once["metadata"]
    app, web = targets(once)

    assert injected_language(app, once) is PYTHON
    assert injected_language(web, once) is None
    assert volume_is_ours(PYTHON, once)
    assert init_container_is_ours(PYTHON, once)
    assert taken_name(web, PYTHON, once) is None


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("spec", "volumes"), []),
        (("spec", "volumes", 0), {"name": PYTHON.agent, "secret": {"secretName": "x"}}),
        (("spec", "containers", 0, "volumeMounts"), None),
        (("spec", "containers", 0, "volumeMounts", 0, "mountPath"), "/elsewhere"),
        (("spec", "containers", 0, "volumeMounts", 0, "name"), "other"),
    ],
)
def test_not_recognised(path: tuple[Any, ...], value: Any) -> None:
    """A container that does not load our agent from our volume is not one of ours."""
    once = _injected()
    parent = once
    for key in path[:-1]:
        parent = parent[key]
    parent[path[-1]] = value
    app, _ = targets(once)

    assert injected_language(app, once) is None


def test_targets() -> None:
    """Containers, then init containers, without those that we added."""
    once = mutated(
        pod(container(), initContainers=[container("busybox", "init")]),
    )[0]

    assert [(t.path, t.name) for t in targets(once)] == [
        ("/spec/containers/0", "app"),
        ("/spec/initContainers/1", "init"),
    ]


@pytest.mark.parametrize(
    ("section", "policy", "expected"),
    [
        ("containers", None, True),
        ("containers", "Never", True),
        ("initContainers", None, False),
        ("initContainers", "Always", True),
        ("initContainers", "Never", False),
    ],
)
def test_serves_pod(section: str, policy: str | None, expected: bool) -> None:
    """An ordinary container or a native sidecar runs beside the others."""
    one = container(restartPolicy=policy)
    spec = {"containers": [], section: [one]}
    (target,) = targets({"spec": spec})

    assert serves_pod(target) == expected


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, None),
        ({"volumes": [{"name": PYTHON.agent, "emptyDir": {}}]}, "a volume"),
        ({"volumes": [{"name": PYTHON.agent, "configMap": {}}]}, "a volume"),
        ({"initContainers": [container("x", PYTHON.agent)]}, "a container"),
        ({"ephemeralContainers": [container("x", PYTHON.agent)]}, "a container"),
        ({"volumes": [{"name": "spanhook-agent-java", "emptyDir": {}}]}, None),
    ],
)
def test_taken_name(spec: dict[str, Any], expected: str | None) -> None:
    """A volume or container of our name that is none of ours is in the way."""
    whole = pod(**spec)
    found = taken_name(next(iter(targets(whole))), PYTHON, whole)

    assert (found or "").startswith(f"the pod has {expected} {PYTHON.agent}" if expected else "")
    assert bool(found) == bool(expected)
