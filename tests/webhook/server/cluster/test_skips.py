from typing import Any

import pytest

from tests.webhook.server.cluster.recording import Recording
from webhook.model import Decided, Inject, Outcome, Skip, Target
from webhook.reasons import Reason
from webhook.review import Review
from webhook.server.cluster.event import Event, Regarding
from webhook.server.cluster.skips import Skips, workload
from webhook.server.reviewer import Answer

TOLD = ("a warning",)


def pod(kind: str = "", name: str = "", version: str = "apps/v1", **labels: str) -> dict[str, Any]:
    """A pod with a controller."""
    metadata: dict[str, Any] = {"generateName": f"{name}-", "labels": labels}
    if kind:
        owner = {"apiVersion": version, "kind": kind, "name": name, "uid": "u-7"}
        metadata["ownerReferences"] = [{**owner, "controller": True}]
    return {"metadata": metadata, "spec": {}}


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (
            pod("ReplicaSet", "cart-6c8b", **{"pod-template-hash": "6c8b"}),
            Regarding("apps/v1", "Deployment", "cart", "shop", plural="deployments"),
        ),
        (
            pod("ReplicaSet", "cart-9", **{"rollouts-pod-template-hash": "9"}),
            Regarding("argoproj.io/v1alpha1", "Rollout", "cart", "shop"),
        ),
        (
            pod("ReplicaSet", "cart-6c8b"),
            Regarding("apps/v1", "ReplicaSet", "cart-6c8b", "shop", "u-7"),
        ),
        (pod("StatefulSet", "db"), Regarding("apps/v1", "StatefulSet", "db", "shop", "u-7")),
        (
            pod("Job", "clean-28931234", "batch/v1"),
            Regarding("batch/v1", "CronJob", "clean", "shop", plural="cronjobs"),
        ),
        (pod("Job", "clean", "batch/v1"), Regarding("batch/v1", "Job", "clean", "shop", "u-7")),
        (pod("Kafka", "k", "kafka.io/v1"), Regarding("kafka.io/v1", "Kafka", "k", "shop", "u-7")),
        ({"metadata": {"name": "debug"}}, Regarding("v1", "Pod", "debug", "shop")),
        (pod(), None),
    ],
    ids=[
        "Deployment",
        "Rollout",
        "ReplicaSet",
        "StatefulSet",
        "CronJob",
        "Job",
        "custom",
        "pod",
        "no name yet",
    ],
)
def test_the_workload(one: dict[str, Any], expected: Regarding | None) -> None:
    """What a person looks at, with the uid where the pod itself tells it."""
    assert workload(one, "shop", "") == expected


def answer(*decisions: Skip | Inject, dry_run: bool = False, **parts: Any) -> Answer:
    """An answer about a pod of a StatefulSet, a container for each decision."""
    decided = tuple(
        Decided(Target("containers", index, {}, f"c{index}"), decision)
        for index, decision in enumerate(decisions)
    )
    review = Review("u", pod("StatefulSet", "db"), "Pod", "shop", dry_run=dry_run)
    outcome = Outcome(decisions=decided, warnings=parts.pop("warnings", TOLD))
    return Answer(200, b"", review, outcome)


def observed(one: Answer) -> list[Event]:
    """What is said of an answer."""
    said: list[Event] = []
    Skips(said.append, Recording().log).observe(one)
    return said


UNKNOWN = Skip(Reason.LANGUAGE_UNKNOWN, "nothing tells")
QUIET = Skip(Reason.KNOWN_SIDECAR, "istio")


def test_a_notable_skip() -> None:
    """The workload hears which container, why, and what to do about it."""
    (event,) = observed(answer(Inject("java"), UNKNOWN, QUIET))

    assert event.regarding == Regarding("apps/v1", "StatefulSet", "db", "shop", "u-7")
    assert (event.reason, event.about, event.kind) == ("LanguageUnknown", "c1", "Warning")
    assert event.note.startswith("Not instrumented: c1: nothing tells. ")
    assert "spanhook.dev/languages" in event.note


def test_one_cause_is_one_event() -> None:
    """Containers that are left alone for the same cause are named together."""
    other = Skip(Reason.LANGUAGE_UNKNOWN, "something else")

    assert [event.about for event in observed(answer(UNKNOWN, UNKNOWN, other))] == ["c0, c1", "c2"]


@pytest.mark.parametrize(
    "one",
    [
        answer(QUIET),
        answer(Inject("java"), warnings=()),
        answer(UNKNOWN, dry_run=True),
        Answer(400, b""),
        Answer(200, b"", Review("u", pod(), "Pod", "shop"), None),
    ],
    ids=["as it should be", "injected", "dry run", "no review", "a bug"],
)
def test_nothing_to_say(one: Answer) -> None:
    """Nobody hears of what was asked for, and nothing is written in a dry run."""
    assert observed(one) == []


def test_an_odd_pod() -> None:
    """A pod that cannot be read for its owner costs its Event, not the server."""
    recording = Recording()
    one = answer(UNKNOWN)
    assert one.review is not None
    broken = Review("u", {"metadata": {"ownerReferences": [3]}}, "Pod", "shop")

    def say(_event: Event) -> None:
        raise AssertionError

    Skips(say, recording.log).observe(Answer(200, b"", broken, one.outcome))

    assert recording.said() == [("error", "no Event for a skip")]
