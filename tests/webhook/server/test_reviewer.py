import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.webhook.server.serving import review
from webhook.model import Facts, Namespace, Operation, Outcome, Skip
from webhook.reasons import Reason
from webhook.review import Review
from webhook.server.reviewer import Reviewer
from webhook.settings import Settings

BODY = json.dumps(review("u-9")).encode()


def reviewer(**parts: Any) -> Reviewer:
    """A reviewer with parts of the core replaced."""
    return Reviewer(Settings(), Facts(), opted_in=True, **parts)


def failing(error: BaseException) -> Callable[..., Any]:
    """A part of the core that has a bug."""

    def fail(*_: object, **__: object) -> Any:
        raise error

    return fail


@pytest.mark.parametrize("part", ["admit", "parse", "respond"])
@pytest.mark.parametrize("error", [KeyError("x"), RecursionError(), MemoryError()], ids=type)
def test_a_bug_in_the_core_lets_the_pod_in(part: str, error: BaseException) -> None:
    """Whichever part fails, the pod is allowed, unchanged, with a warning, and the failure kept."""
    answer = reviewer(**{part: failing(error)}).answer(BODY)

    response = json.loads(answer.body)["response"]
    assert (answer.status, response["uid"], response["allowed"]) == (200, "u-9", True)
    assert "patch" not in response
    assert len(response["warnings"]) == 1
    assert answer.failure is error


@pytest.mark.parametrize(
    "body",
    [b"{", b"[]", b'{"request": {}}', b"[" * 200_000, b"\xff"],
    ids=["cut", "list", "no uid", "deep", "not UTF-8"],
)
def test_what_cannot_even_be_named_is_refused(body: bytes) -> None:
    """Where parsing fails by a bug and there is no uid, nothing can be allowed."""
    answer = reviewer(parse=failing(KeyError("x"))).answer(body)

    assert answer.status == 400
    assert json.loads(answer.body) == {"error": "the review cannot be read"}


def test_the_core_gets_what_is_known() -> None:
    """Namespace, facts, settings and the default of opting in are passed on."""
    seen: list[object] = []

    def admit(
        review: Review, namespace: Namespace, facts: Facts, settings: Settings, *, opted_in: bool
    ) -> Outcome:
        seen.extend([review.uid, namespace, facts, settings, opted_in])
        return Outcome((Operation("add", "/metadata/labels", {}),))

    one = reviewer(admit=admit)
    answer = one.answer(BODY)

    assert seen == ["u-9", Namespace(name="shop"), one.facts, one.settings, True]
    assert json.loads(answer.body)["response"]["patchType"] == "JSONPatch"


def test_a_failure_that_the_core_caught_is_passed_on() -> None:
    """What the core caught itself reaches log and metrics."""
    failure = KeyError("x")

    answer = reviewer(admit=lambda *_, **__: Outcome(failure=failure)).answer(BODY)

    assert (answer.status, answer.failure) == (200, failure)


def test_a_namespace_that_is_known_is_passed_on() -> None:
    """What is known of the pod's namespace reaches the core."""
    shop = Namespace("shop", labels={"spanhook.dev/instrument": "disabled"})

    answer = reviewer(namespaces={"shop": shop}).answer(BODY)

    assert answer.outcome is not None
    assert {
        d.decision.reason for d in answer.outcome.decisions if isinstance(d.decision, Skip)
    } == {Reason.OPTED_OUT}
