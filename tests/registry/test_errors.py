"""The fault families."""

from copy import copy

import pytest

from registry import errors
from registry.errors import ERRORS, RateLimited, RegistryError, ServerError, UnexpectedStatus, shown

EXAMPLES: list[RegistryError] = [
    RateLimited("registry.corp was asked too often", 12.5),
    UnexpectedStatus("registry.corp answers 418", 418),
    ServerError("registry.corp answers 503", 3.0),
    errors.NotFound("team/app is not there"),
]


def test_every_family_is_listed() -> None:
    """The tuple names each exception once, so that a metric can have all its labels."""
    named = {
        value
        for value in vars(errors).values()
        if isinstance(value, type) and issubclass(value, RegistryError) and hasattr(value, "word")
    }

    assert named == set(ERRORS)
    assert len({error.word for error in ERRORS}) == len(ERRORS)


@pytest.mark.parametrize("family", ERRORS, ids=[error.word for error in ERRORS])
def test_every_family_says_what_to_do(family: type[RegistryError]) -> None:
    """A family has a word for a label and an advice that is a sentence's end."""
    assert family.word.replace("_", "").isalpha()
    assert family.word.islower()
    assert family.advice
    assert not family.advice.endswith(".")


@pytest.mark.parametrize("error", EXAMPLES, ids=[error.word for error in EXAMPLES])
def test_a_copy_is_the_same_fault(error: RegistryError) -> None:
    """Whoever waits for the same answer gets a copy with everything that the first has."""
    error.add_note("the mirror before it")

    again = copy(error)

    assert type(again) is type(error)
    assert str(again) == str(error)
    assert vars(again) == vars(error)


def test_text_says_what_and_what_to_do() -> None:
    """The text has what happened, the advice, and when to ask again."""
    text = str(RateLimited("registry.corp was asked too often", 12.5))

    assert text.startswith("registry.corp was asked too often; use credentials")
    assert text.endswith("(again in 12 s)")


def test_foreign_text_is_shown_in_bounds() -> None:
    """What a registry says cannot flood a log, nor break its lines."""
    assert shown("a\nb\x1b[31m") == "a�b�[31m"
    assert len(shown("x" * 10_000)) < 130
