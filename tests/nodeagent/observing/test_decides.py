"""From a pod that runs to the decision about the next one: what is written is found again."""

import copy
from datetime import UTC, datetime
from typing import Any

import pytest

from nodeagent.observing.application import seen
from nodeagent.observing.document import merged
from nodeagent.observing.observation import Observation
from webhook import owner, patch
from webhook.model import Context, Facts, Namespace, Outcome, Source
from webhook.mutate import mutate
from webhook.observed import read
from webhook.settings import Settings

NOW = datetime(2026, 11, 20, tzinfo=UTC)
DIGEST = "sha256:" + "1" * 64
TAG = "docker.io/acme/cart:1"


def pod(**container: Any) -> dict[str, Any]:
    """A pod of a Deployment at its admission: it has no name yet."""
    reference = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "uid": "u", "controller": True}
    return {
        "metadata": {
            "generateName": "cart-5c689d88bb-",
            "namespace": "shop",
            "labels": {"pod-template-hash": "5c689d88bb"},
            "ownerReferences": [{**reference, "name": "cart-5c689d88bb"}],
        },
        "spec": {
            "containers": [
                {"name": "app", "image": "acme/cart:1", **container},
                {"name": "side", "image": "python:3.12"},
            ]
        },
    }


def admitted(one: dict[str, Any], facts: Facts) -> Outcome:
    """What the webhook does with it."""
    context = Context(Namespace("shop"), owner.of_pod(one), opted_in=True)
    return mutate(one, context, facts, Settings())


def running(one: dict[str, Any]) -> dict[str, Any]:
    """The pod with a name, on a node, instrumented as far as the webhook could."""
    live = patch.apply(copy.deepcopy(one), admitted(one, Facts()).operations)
    live["metadata"] |= {"name": "cart-5c689d88bb-x", "uid": "p"}
    statuses = [{"name": "app", "imageID": f"docker.io/acme/cart@{DIGEST}"}]
    return {**live, "status": {"containerStatuses": statuses}}


@pytest.mark.parametrize(
    "container",
    [
        {},
        {"command": ["/start.sh"], "args": ["--password=x"]},
        {"workingDir": "/srv", "env": [{"name": "PATH", "value": "/opt/bin"}]},
        {"image": f"acme/cart@{DIGEST}"},
    ],
)
@pytest.mark.parametrize("language", ["java", "python", "nodejs", "dotnet", "go"])
def test_the_next_pod(container: dict[str, Any], language: str) -> None:
    """Is decided by what ran in the one before, which the webhook itself had changed."""
    one = pod(**container)
    version = {"java": "21.0.4", "python": "3.13.1", "nodejs": "22.4.1", "dotnet": "8.0.4"}
    found = seen(running(one), "app", Observation(language, version.get(language, "1.26.1")))
    assert found is not None

    facts = Facts(observed=read(merged(None, [found], NOW)), digests={TAG: DIGEST})
    before, after = admitted(one, Facts()).decisions[0], admitted(one, facts).decisions[0]

    assert before.decision.language is None
    assert after.decision.language == language
    assert Source.OBSERVED in {each.source for each in after.decision.evidence}
    assert "password" not in repr(facts.observed)
