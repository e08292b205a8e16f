import copy
from datetime import timedelta
from typing import Any

import pytest

from console.status.model import Cause, State
from console.status.pods import Rules, cause, containers, is_over, state, submitted
from kube.times import parse
from tests.console.status.documents import of_deployment, pod, stamp
from webhook import owner, patch
from webhook.model import Context, Facts, Namespace
from webhook.mutate import mutate
from webhook.optin import LABEL
from webhook.settings import LanguageSettings, Settings

SHOP = Namespace("shop", {LABEL: "enabled"})
RULES = Rules(SHOP)


def injected(live: Any) -> Any:
    """The pod as it would live, had the webhook seen it."""
    outcome = mutate(live, Context(SHOP, owner.of_pod(live)), Facts(), Settings())
    assert outcome.operations
    return patch.apply(copy.deepcopy(live), outcome.operations)


def _states(live: Any, rules: Rules = RULES) -> list[tuple[str, str, str | None, str | None]]:
    return [(one.name, one.state, one.language, one.reason) for one in containers(live, rules)]


def test_pending() -> None:
    """A live pod that would be injected if it were created now."""
    assert _states(pod()) == [("app", "pending", "python", None)]
    assert state(containers(pod(), RULES)) is State.PENDING


@pytest.mark.parametrize("image", ["python:3.12", "node:22", "eclipse-temurin:21", "golang:1.24"])
def test_instrumented(image: str) -> None:
    """What the webhook did is recognised, Go's label too, whatever the namespace says now."""
    live = injected(pod(image))

    assert [one[1] for one in _states(live)] == ["instrumented"]
    assert [one[1] for one in _states(live, Rules(Namespace("shop")))] == ["instrumented"]
    assert state(containers(live, RULES)) is State.INSTRUMENTED


def test_instrumented_and_opted_out_since() -> None:
    """A label that was set later does not take the agent out of a pod that runs."""
    live = injected(pod())
    live["metadata"]["labels"][LABEL] = "disabled"

    assert state(containers(live, RULES)) is State.INSTRUMENTED


def test_skipped() -> None:
    """A pod that is left alone, with each container's reason."""
    live = pod("postgres:16")
    live["spec"]["containers"].append({"name": "odd", "image": "example.com/odd:1"})
    live["spec"]["initContainers"] = [{"name": "init", "image": "python:3.12"}]

    assert _states(live) == [
        ("app", "skipped", None, "LanguageUnsupported"),
        ("odd", "skipped", None, "LanguageUnknown"),
    ]
    assert state(containers(live, RULES)) is State.SKIPPED


def test_opted_out() -> None:
    """What the user opts out is no gap."""
    live = pod(labels={LABEL: "disabled"})

    assert _states(live) == [("app", "optedOut", None, "OptedOut")]
    assert state(containers(live, RULES)) is State.OPTED_OUT


def test_settings_and_facts_count() -> None:
    """The settings and ConfigMaps that the webhook reads decide here too."""
    off = Rules(SHOP, settings=Settings(languages={"python": LanguageSettings(enabled=False)}))
    disabled = Facts(config_maps={("shop", "vars"): {"OTEL_SDK_DISABLED": "true"}})
    live = pod()
    live["spec"]["containers"][0]["envFrom"] = [{"configMapRef": {"name": "vars"}}]

    assert _states(pod(), off) == [("app", "skipped", "python", "LanguageDisabled")]
    assert _states(live, Rules(SHOP, disabled))[0][3] == "SdkDisabled"
    assert _states(live)[0][1] == "pending"


def test_partly_instrumented() -> None:
    """A container that is still to be done makes the pod pending."""
    live = injected(pod())
    live["spec"]["containers"].append({"name": "late", "image": "node:22"})

    assert [one[:2] for one in _states(live)] == [("app", "instrumented"), ("late", "pending")]
    assert state(containers(live, RULES)) is State.PENDING


def test_submitted() -> None:
    """A live pod goes back to what the webhook sees: no name yet, no node, nothing of ours lost."""
    live = of_deployment("cart")
    live["spec"]["ephemeralContainers"] = [{"name": "debug", "image": "busybox"}]
    received = submitted(live)

    assert received["metadata"]["generateName"] == "cart-7d5b4c-"
    assert "name" not in received["metadata"]
    assert "uid" not in received["metadata"]
    assert not {"nodeName", "ephemeralContainers"} & set(received["spec"])
    assert received["spec"]["containers"] == live["spec"]["containers"]
    assert submitted(pod())["metadata"]["name"] == "cart-7d5b-x2x4z"


@pytest.mark.parametrize(
    ("live", "expected"),
    [
        (pod(), False),
        (pod(phase="Pending"), False),
        (pod(phase="Succeeded"), True),
        (pod(phase="Failed"), True),
        (pod(deletionTimestamp=stamp()), True),
    ],
)
def test_is_over(live: Any, expected: bool) -> None:
    """What has ended, or is about to, is not counted."""
    assert is_over(live) is expected


@pytest.mark.parametrize(
    ("installed", "opted_in", "expected"),
    [
        (timedelta(hours=1), timedelta(minutes=1), Cause.BEFORE_INSTALLATION),
        (timedelta(days=2), timedelta(hours=1), Cause.BEFORE_OPT_IN),
        (timedelta(days=2), timedelta(days=1), Cause.BEFORE_OPT_IN),
        (timedelta(days=3), timedelta(days=2), Cause.SINCE_OPT_IN),
        (timedelta(days=3), None, Cause.UNKNOWN),
        (None, timedelta(hours=1), Cause.BEFORE_OPT_IN),
        (None, None, Cause.UNKNOWN),
    ],
)
def test_cause(installed: timedelta | None, opted_in: timedelta | None, expected: Cause) -> None:
    """Why a pod of yesterday is pending, by when things happened; both are how long ago."""
    times = [None if one is None else parse(stamp(one)) for one in (installed, opted_in)]

    assert cause(pod(), Rules(SHOP, installed=times[0], opted_in=times[1])) is expected


def test_cause_without_a_time() -> None:
    """Who knows no time does not guess."""
    live = pod()
    del live["metadata"]["creationTimestamp"]

    assert cause(live, RULES) is Cause.UNKNOWN
