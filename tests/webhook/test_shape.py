from typing import Any

import pytest

from tests.webhook.examples import container, pod
from webhook.shape import problems


def _one(**fields: Any) -> Any:
    return pod(container(**fields))


@pytest.mark.parametrize(
    ("whole", "expected"),
    [
        pytest.param(None, ["expected an object, got nothing"], id="null"),
        pytest.param([], ["expected an object, got a list"], id="list"),
        pytest.param(True, ["expected an object, got the boolean true"], id="boolean"),
        pytest.param(1.5, ["expected an object, got a number"], id="number"),
        pytest.param({}, ["spec.containers: expected at least one container"], id="empty"),
        pytest.param({"spec": 3}, ["spec: expected an object, got a number"], id="spec"),
        pytest.param(
            {"spec": {"containers": []}},
            ["spec.containers: expected at least one container"],
            id="no container",
        ),
        pytest.param(
            {"metadata": "x", "spec": []},
            [
                "metadata: expected an object, got a string",
                "spec: expected an object, got a list",
            ],
            id="both",
        ),
        pytest.param(
            pod() | {"metadata": {"labels": [], "annotations": "x", "ownerReferences": {}}},
            [
                "metadata.labels: expected an object, got a list",
                "metadata.annotations: expected an object, got a string",
                "metadata.ownerReferences: expected a list, got an object",
            ],
            id="metadata",
        ),
        pytest.param(
            pod() | {"metadata": {"labels": {"a": True, "b": "c"}, "annotations": {"d": 1}}},
            [
                'metadata.labels["a"]: expected a string, got the boolean true: quote it',
                'metadata.annotations["d"]: expected a string, got a number: quote it',
            ],
            id="unquoted texts",
        ),
        pytest.param(
            {"spec": {"containers": {}, "initContainers": "x", "volumes": 1}},
            [
                "spec.volumes: expected a list, got a number",
                "spec.containers: expected a list, got an object",
                "spec.initContainers: expected a list, got a string",
            ],
            id="lists",
        ),
        pytest.param(
            {"spec": {"containers": ["x", None, {}], "volumes": [{}]}},
            [
                "spec.volumes[0].name: expected a string, got nothing",
                "spec.containers[0]: expected an object, got a string",
                "spec.containers[1]: expected an object, got nothing",
                "spec.containers[2].name: expected a string, got nothing",
            ],
            id="items",
        ),
        pytest.param(
            _one(command="python app.py", args={"a": 1}),
            [
                "spec.containers[0].command: expected a list, got a string",
                "spec.containers[0].args: expected a list, got an object",
            ],
            id="command",
        ),
        pytest.param(
            _one(command=["sleep", 5], args=[True]),
            [
                "spec.containers[0].command[1]: expected a string, got a number: quote it",
                "spec.containers[0].args[0]: expected a string, got the boolean true: quote it",
            ],
            id="words",
        ),
        pytest.param(
            _one(resources={"limits": [], "requests": 3}),
            [
                "spec.containers[0].resources.limits: expected an object, got a list",
                "spec.containers[0].resources.requests: expected an object, got a number",
            ],
            id="resources",
        ),
        pytest.param(
            _one(
                env=[
                    "A=b",
                    {"value": "x"},
                    {"name": "B", "value": 80},
                    {"name": "C", "valueFrom": "s"},
                ]
            ),
            [
                "spec.containers[0].env[0]: expected an object, got a string",
                "spec.containers[0].env[1].name: expected a string, got nothing",
                "spec.containers[0].env[2].value: expected a string, got a number: quote it",
                "spec.containers[0].env[3].valueFrom: expected an object, got a string",
            ],
            id="env",
        ),
        pytest.param(
            _one(envFrom=["x"], volumeMounts=[1], livenessProbe=[], securityContext=1000),
            [
                "spec.containers[0].securityContext: expected an object, got a number",
                "spec.containers[0].livenessProbe: expected an object, got a list",
            ],
            id="members first",
        ),
        pytest.param(
            _one(envFrom=["x"], volumeMounts=[1]),
            [
                "spec.containers[0].envFrom[0]: expected an object, got a string",
                "spec.containers[0].volumeMounts[0]: expected an object, got a number",
            ],
            id="items of lists",
        ),
        pytest.param(
            pod() | {"metadata": {"name": 5, "generateName": 6, "namespace": True}},
            [
                "metadata.name: expected a string, got a number",
                "metadata.generateName: expected a string, got a number",
                "metadata.namespace: expected a string, got the boolean true",
            ],
            id="unquoted names",
        ),
        pytest.param(
            pod(container(securityContext={"runAsUser": "me"}), securityContext={"runAsUser": []}),
            ["spec.securityContext.runAsUser: expected a number, got a list"],
            id="the pod's user",
        ),
        pytest.param(
            _one(
                securityContext={"runAsUser": "me"},
                livenessProbe={"exec": ["ls"], "periodSeconds": "10s"},
                lifecycle={"preStop": {"exec": {"command": "sleep 5"}}},
            ),
            [
                "spec.containers[0].securityContext.runAsUser: expected a number, got a string",
                "spec.containers[0].livenessProbe.exec: expected an object, got a list",
                "spec.containers[0].lifecycle.preStop.exec.command: expected a list, got a string",
                "spec.containers[0].livenessProbe.periodSeconds: expected a number, got a string",
            ],
            id="user, probes and hooks",
        ),
        pytest.param(
            _one(
                envFrom=[
                    {"configMapRef": "settings"},
                    {"prefix": 1, "secretRef": {"name": ["a"]}},
                ],
                volumeMounts=[{"name": {}, "mountPath": 1}],
            ),
            [
                "spec.containers[0].envFrom[0].configMapRef: expected an object, got a string",
                "spec.containers[0].envFrom[1].prefix: expected a string, got a number",
                "spec.containers[0].envFrom[1].secretRef.name: expected a string, got a list",
                "spec.containers[0].volumeMounts[0].name: expected a string, got an object",
                "spec.containers[0].volumeMounts[0].mountPath: expected a string, got a number",
            ],
            id="members of items",
        ),
        pytest.param(
            pod(
                container(name="a"),
                container(name="a"),
                initContainers=[container(name="a"), container(name="b")],
            ),
            [
                'spec.containers[1].name: another container has the name "a" too',
                'spec.initContainers[0].name: another container has the name "a" too',
            ],
            id="names twice",
        ),
        pytest.param(
            pod(initContainers=[{"name": 1}]),
            ["spec.initContainers[0].name: expected a string, got a number"],
            id="init containers",
        ),
    ],
)
def test_problems(whole: Any, expected: list[str]) -> None:
    """Every problem is a sentence that names the field, what was expected and what is there."""
    assert list(problems(whole)) == expected


@pytest.mark.parametrize(
    "whole",
    [
        pod(),
        _one(env=None, command=None, resources={"limits": None}, lifecycle={}),
        _one(env=[{"name": "A"}, {"name": "B", "value": None, "valueFrom": {}}], future=[1]),
        {"metadata": None, "spec": {"containers": [{"name": "a"}], "volumes": None, "os": None}},
    ],
)
def test_good(whole: Any) -> None:
    """Absent and null members, and fields of a newer Kubernetes, are no problems."""
    assert problems(whole) == ()
