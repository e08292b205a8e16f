"""The promises that hold for every pod, shown on generated pods and on written manifests."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from tests.webhook.invariants import CHECKS, CONTEXT, FACTS
from tests.webhook.pods import pods
from webhook import shape
from webhook.mutate import mutate
from webhook.settings import Settings
from webhook.workloads import templates

settings_of_many = st.builds(
    Settings,
    env_from_unknown=st.sampled_from(["inject-with-warning", "skip"]),
    sampling_ratio=st.sampled_from([None, 0.5]),
)


@pytest.mark.parametrize("check", CHECKS)
@given(pod=pods, settings=settings_of_many)
@settings(max_examples=100)
def test_invariant(
    check: Callable[[dict[str, Any], Settings], None], pod: dict[str, Any], settings: Settings
) -> None:
    """One promise, named by its check, holds for generated pods."""
    check(pod, settings)


@given(pods, settings_of_many)
def test_every_invariant(pod: dict[str, Any], settings: Settings) -> None:
    """All promises hold together for a pod; 20,000 pods with HYPOTHESIS_PROFILE=thorough."""
    for check in CHECKS:
        check(pod, settings)


_GOLDEN = Path(__file__).parents[1] / "golden"


def _written() -> Iterator[Any]:
    """The pods of the golden cases: manifests as people and well-known projects write them."""
    for file in sorted(_GOLDEN.glob("*/input.yaml")):
        documents = YAML(typ="safe", pure=True).load_all(file)
        found = [one for document in documents for one in templates(document)]
        for index, template in enumerate(found):
            if not shape.problems(template.pod):
                # Through JSON, as over the wire: YAML's aliases are one object at two places.
                pod = json.loads(json.dumps(template.pod))
                yield pytest.param(pod, id=f"{file.parent.name} {index}")


@pytest.mark.parametrize("pod", tuple(_written()))
def test_every_invariant_on_manifests(pod: dict[str, Any]) -> None:
    """All promises hold for pods of manifests as people write them."""
    for check in CHECKS:
        check(pod, Settings())


@example(
    {"metadata": {"annotations": {"instrumentation.opentelemetry.io/inject-java": "true"}}},
    {"containers": [{"name": 1}]},
)
@given(pods, st.sampled_from([[1], "x", {"containers": 3}, {"containers": [{"name": 1}]}, None]))
def test_malformed(pod: dict[str, Any], spec: object) -> None:
    """A pod of the wrong shape is allowed, unchanged, with a warning."""
    outcome = mutate({**pod, "spec": spec}, CONTEXT, FACTS, Settings())

    assert outcome.operations == ()
