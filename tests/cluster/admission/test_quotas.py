"""ResourceQuotas: a pod that just fits without us just fits with us."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from tests.cluster.admission.pods import container, pod, resources
from tests.cluster.admission.twins import CREATED, Twins
from tests.waiting import until
from tests.webhook.standards import effective
from webhook.quantity import parse

Json = dict[str, Any]

_SIZE = {"cpu": "100m", "memory": "256Mi", "ephemeral-storage": "1Gi"}
_TWICE = {"cpu": "200m", "memory": "512Mi", "ephemeral-storage": "2Gi"}
_SAID = container(**resources(_SIZE, _TWICE))

PODS: dict[str, Json] = {
    "one": pod(_SAID),
    "guaranteed": pod(container(**resources(_SIZE, _SIZE))),
    "limits": pod(container(**resources(limits=_SIZE))),
    "two languages": pod(_SAID, container("web", "nodejs", **resources(_SIZE, _TWICE))),
    "a small and a large": pod(
        container("small", **resources(_SIZE, _SIZE)),
        container("large", "java", **resources(_TWICE, _TWICE)),
    ),
    "sidecar": pod(
        _SAID,
        initContainers=[
            container("early", "nodejs", restartPolicy="Always", **resources(_SIZE, _TWICE))
        ],
    ),
    "large init container": pod(
        _SAID,
        initContainers=[{"name": "init", "image": "busybox", **resources(_TWICE, _TWICE)}],
    ),
    "four languages": pod(
        *(
            container(language, language, **resources(_SIZE, _TWICE))
            for language in ("java", "python", "nodejs", "dotnet")
        )
    ),
    "of the pod": pod(
        container(**resources(_SIZE, _SIZE)),
        resources={key: {k: v for k, v in _TWICE.items() if k != "ephemeral-storage"}
                   for key in ("requests", "limits")},
    ),
}  # fmt: skip


def quota(hard: dict[str, str], scopes: tuple[str, ...] = (), name: str = "quota") -> Json:
    """A ResourceQuota."""
    made = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": name}}
    return {**made, "spec": {"hard": hard, **({"scopes": [*scopes]} if scopes else {})}}


def enforce(both: Twins, one: Json) -> None:
    """Apply a quota to both, and wait until the API server goes by it.

    It reads quotas from a cache, in the order of their changes: once the second of two forbids
    something, the first counts too.
    """
    both.apply(one, quota({"count/configmaps": "0"}, name="sign"))
    sign = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "sign"}}

    def is_forbidden() -> bool:
        answers = [
            both.cluster.create(sign, dry_run=True, namespace=space)
            for space in (both.plain, both.served)
        ]
        return all(answer.status == 403 for answer in answers)

    until(is_forbidden, "the quotas count")


def just_enough(one: Json) -> dict[str, str]:
    """The quota that a pod takes to the last byte."""
    hard = {"pods": "1", "count/pods": "1"}
    for kind in ("requests", "limits"):
        # Defaulted requests count: what has a limit only requests as much.
        for resource, amount in effective(_defaulted(one), kind).items():
            hard[f"{kind}.{resource}"] = _written(amount)
    return hard


def _defaulted(one: Json) -> Json:
    sections = {
        section: [
            {
                **found,
                "resources": {
                    "requests": {**found["resources"].get("limits", {}),
                                 **found["resources"].get("requests", {})},
                    "limits": found["resources"].get("limits", {}),
                },
            }
            for found in one["spec"].get(section, ())
        ]
        for section in ("containers", "initContainers")
    }  # fmt: skip
    return {**one, "spec": {**one["spec"], **sections}}


def _amounts(hard: dict[str, str]) -> dict[str, float | None]:
    return {name: parse(amount) for name, amount in hard.items()}


def _written(amount: float) -> str:
    thousandths = Fraction(amount).limit_denominator(1000) * 1000
    return f"{thousandths.numerator}m" if thousandths % 1000 else str(thousandths // 1000)


@pytest.mark.parametrize("name", [name for name in PODS if name != "of the pod"])
def test_just_enough(pair: Twins, name: str) -> None:
    """A pod that takes a quota to the last byte is created with us too, and takes as much."""
    one = PODS[name]
    enforce(pair, quota(just_enough(one)))

    answers = pair.create(one, dry_run=False)

    assert answers.accepted, answers.plain.message
    assert answers.injected
    answers.check()
    used = [
        (pair.cluster.get("ResourceQuota", "quota", space) or {})["status"]["used"]
        for space in (pair.plain, pair.served)
    ]
    assert used[0] == used[1]
    assert _amounts(used[0]) == _amounts(just_enough(one))


ROOM = {
    "requests.cpu": "200m",
    "requests.memory": "512Mi",
    "requests.ephemeral-storage": "2Gi",
    "limits.cpu": "200m",
    "limits.memory": "512Mi",
    "limits.ephemeral-storage": "2Gi",
    "cpu": "100m",
    "memory": "256Mi",
    "pods": "1",
}
"""A quota of a single resource each, in which some of the pods have room."""


@pytest.mark.parametrize("resource", ROOM)
def test_each_resource(pair: Twins, resource: str) -> None:
    """Under a quota of a single resource the answer is the same with us, be it yes or no."""
    enforce(pair, quota({resource: ROOM[resource]}))
    accepted = set()
    for name, one in PODS.items():
        answers = pair.create(one)
        assert answers.plain.status == answers.served.status, (name, answers.served.message)
        answers.check()
        if answers.accepted:
            accepted.add(name)

    assert accepted
    assert (accepted == set(PODS)) is (resource == "pods")


SILENT = pod()


@pytest.mark.parametrize("resource", ["requests.cpu", "limits.memory", "pods"])
def test_silent(pair: Twins, resource: str) -> None:
    """A pod that says nothing of resources is refused, or not, with us as without."""
    enforce(pair, quota({resource: "5"}))

    answers = pair.create(SILENT)

    assert answers.plain.status == answers.served.status
    assert answers.accepted is (resource == "pods")
    answers.check()


@pytest.mark.parametrize(
    ("scope", "one"),
    [
        ("BestEffort", SILENT),
        ("NotBestEffort", PODS["one"]),
        ("NotTerminating", PODS["one"]),
        ("Terminating", pod(_SAID, activeDeadlineSeconds=60)),
    ],
)
def test_scopes(pair: Twins, scope: str, one: Json) -> None:
    """A pod falls under the same scopes with us: another of them has no room left in both."""
    enforce(pair, quota({"pods": "1"}, (scope,)))
    first, second = (
        pair.create({**one, "metadata": {"name": name}}, dry_run=False)
        for name in ("first", "second")
    )

    first.check()
    assert [found.status for found in (first.plain, first.served)] == [CREATED, CREATED]
    assert [found.status for found in (second.plain, second.served)] == [403, 403]


def test_quota_and_limit_range(pairs: Callable[..., Twins]) -> None:
    """Defaults of a LimitRange and a quota that they fill: together they hold for ours too."""
    both = pairs()
    defaults = {"default": _TWICE, "defaultRequest": _SIZE, "type": "Container"}
    range_ = {"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "range"}}
    hard = {f"requests.{name}": amount for name, amount in _SIZE.items()} | {
        f"limits.{name}": amount for name, amount in _TWICE.items()
    }
    both.apply({**range_, "spec": {"limits": [defaults]}})
    enforce(both, quota(hard))

    answers = both.create(SILENT, dry_run=False)

    assert answers.accepted, answers.plain.message
    assert answers.injected
    answers.check()
