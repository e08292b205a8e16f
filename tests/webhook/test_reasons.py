import re

import pytest

from webhook.reasons import EXPLANATIONS, Reason


def test_every_reason_is_explained() -> None:
    """Each reason has one explanation, in the order of the codes."""
    assert list(EXPLANATIONS) == list(Reason)


@pytest.mark.parametrize("reason", list(Reason))
def test_explanations(reason: Reason) -> None:
    """A reason's code is a word in camel case; it has a sentence, and another on what to do."""
    found = EXPLANATIONS[reason]

    assert re.fullmatch(r"(?:[A-Z][a-z]+)+", reason.value)
    assert reason.name == re.sub(r"(?<!^)(?=[A-Z])", "_", reason.value).upper()
    for text in (found.sentence, found.remedy):
        assert re.fullmatch(r"[A-Z].{10,}[.)]", text), text
    assert found.sentence != found.remedy


def test_quiet() -> None:
    """What was asked for, or is always so, is not worth a warning at every pod."""
    quiet = {reason for reason, found in EXPLANATIONS.items() if not found.notable}

    assert {Reason.NOT_OPTED_IN, Reason.OPTED_OUT, Reason.KNOWN_SIDECAR} <= quiet
    assert not quiet & {Reason.AMBIGUOUS, Reason.INVALID_ANNOTATION, Reason.INTERNAL_ERROR}
