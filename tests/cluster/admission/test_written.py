"""The pods of the golden cases in a real API server: valid with our patch wherever without it."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cluster.admission.twins import CREATED, Twins, twins, without_chance
from tests.cluster.admission.webhook import Webhook
from tests.webhook import golden

Json = dict[str, Any]

ODD = {
    "annotation-signals",  # a label's value with a blank in it
    "internal-error",  # variables that are an object
    "names-with-slashes",  # names that no API server takes
    "resources-copied",  # refers to a claim that the pod does not have
}
"""Cases with a pod that API servers do not accept; older ones do not know the claims."""


@pytest.fixture(name="both", scope="module")
def fixture_both(ours: Webhook) -> Iterator[Twins]:
    """Twin namespaces for all cases."""
    with twins(ours) as found:
        yield found


def written(pod: Json, result: golden.Result, both: Twins) -> Json:
    """A pod of a case as a controller would create it."""
    made: Json = copy.deepcopy(pod)
    spec, metadata = made["spec"], made.get("metadata") or {}
    metadata = {key: value for key, value in metadata.items() if key != "namespace"}
    metadata.setdefault("name", "golden")
    references = metadata.get("ownerReferences") or ()
    metadata["ownerReferences"] = [{"apiVersion": "v1", "uid": "u", **one} for one in references]
    if result.template.kind == "StatefulSet":
        _claim(spec)
    account = spec.get("serviceAccountName")
    if account is not None:
        both.apply({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": account}})
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def _claim(spec: Json) -> None:
    """Add the volumes of claims, which the template does not have."""
    there = {volume["name"] for volume in spec.get("volumes") or ()}
    mounted = {
        mount["name"] for one in spec["containers"] for mount in one.get("volumeMounts") or ()
    }
    claims = [
        {"name": name, "persistentVolumeClaim": {"claimName": name}}
        for name in sorted(mounted - there)
    ]
    if claims:
        spec["volumes"] = [*(spec.get("volumes") or ()), *claims]


@pytest.mark.parametrize("name", golden.CASES)
def test_patched(both: Twins, name: str) -> None:
    """What is accepted as it was written is accepted as it comes out of the case."""
    accepted = []
    for result in golden.results(name):
        before, after = (
            both.cluster.create(written(pod, result, both), dry_run=True, namespace=both.plain)
            for pod in (result.before, result.after)
        )
        accepted.append(before.status == CREATED)
        assert after.status == before.status, (before.message, after.message)

    assert all(accepted) or name in ODD


@pytest.mark.parametrize("name", golden.CASES)
def test_through_the_webhook(both: Twins, name: str) -> None:
    """What is accepted without us is accepted with us, and else the same pod."""
    for result in golden.results(name):
        plain = golden.before_all(name, result)
        answers = both.create(written(plain, result, both))
        if not answers.accepted:
            assert answers.plain.status == answers.served.status
        elif without_chance(answers.plain.body) != without_chance(answers.served.body):
            answers.check()
