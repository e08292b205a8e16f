"""The core against the labelled images: never a wrong language, and nearly all that can be told."""

import pytest

from tests.webhook.images.labelled import CASES, Case
from tests.webhook.images.labelled.accuracy import Figures, decide, figures
from webhook.images.configuration import read
from webhook.languages import BY_NAME, LANGUAGES
from webhook.model import Decision, Inject, Source

RECALL = 0.97

NAMES = [language.name for language in LANGUAGES]
ALONE, NAMED = "alone", "named"


@pytest.fixture(scope="module", name="counted")
def _counted() -> dict[tuple[str, str], Figures]:
    """The figures of every language, by the configuration alone and with the image's name."""
    return {
        (how, found.language): found
        for how in (ALONE, NAMED)
        for found in figures(named=how == NAMED)
    }


def _ids(case: Case) -> str:
    return case.name


@pytest.mark.parametrize("how", [ALONE, NAMED])
@pytest.mark.parametrize("language", NAMES)
def test_precision(counted: dict[tuple[str, str], Figures], language: str, how: str) -> None:
    """Whatever is injected is right, by the configuration alone and with the image's name."""
    found = counted[how, language]

    assert (found.right, 1.0) == (found.injected, found.precision)
    assert found.injected


@pytest.mark.parametrize("language", NAMES)
def test_recall(counted: dict[tuple[str, str], Figures], language: str) -> None:
    """What the configuration alone tells is recognised."""
    found = counted[ALONE, language]

    assert found.recall >= RECALL
    assert found.tellable >= 30


def _untrue(case: Case, decision: Decision) -> list[str]:
    """What a decision says of an image that is not so."""
    if isinstance(decision, Inject) and decision.language != case.language:
        return [f"{decision.language} for {case.language or case.kind}"]
    if decision.language != case.language or case.language is None:
        return []
    version = decision.version
    wrong = []
    if version and not f"{case.version}.".startswith(f"{version}."):
        wrong.append(f"version {version} for {case.version}")
    if decision.libc and decision.libc != case.libc:
        wrong.append(f"{decision.libc} for {case.libc}")
    return wrong


@pytest.mark.parametrize("named", [False, True], ids=[ALONE, NAMED])
@pytest.mark.parametrize("case", CASES, ids=_ids)
def test_image(case: Case, *, named: bool) -> None:
    """Language, version and C library are right wherever the decision states one."""
    assert _untrue(case, decide(case, named=named)) == []


@pytest.mark.parametrize("case", [case for case in CASES if case.untellable], ids=_ids)
def test_untellable(case: Case) -> None:
    """What nobody can tell from the configuration is not claimed to be told."""
    assert decide(case).language != case.language, "it is told: the label says too little"


@pytest.mark.parametrize("case", CASES, ids=_ids)
def test_form_of_evidence(case: Case) -> None:
    """Evidence is the image's, says a fact, and names a language of ours or one with a "~"."""
    for piece in read(case.configuration).evidence:
        assert piece.source is Source.IMAGE
        assert piece.fact
        assert piece.language is None or piece.language in BY_NAME or piece.language.startswith("~")
        assert piece.language or piece.libc


def test_the_set_is_broad() -> None:
    """At least 300 images, 100 of them none of ours, and every language is there."""
    others = [case for case in CASES if case.language is None]

    assert (len(CASES) >= 300, len(others) >= 100) == (True, True)
    assert {case.language for case in CASES} - {None} == {language.name for language in LANGUAGES}


def test_every_truth_has_a_source() -> None:
    """Every image says where its facts are from, and what it is."""
    assert all(case.source and (case.language or case.kind) for case in CASES)
    assert len({case.name for case in CASES}) == len(CASES)


def test_figures_of_nothing() -> None:
    """Without images nothing is wrong and nothing is missed."""
    assert {(f.precision, f.recall) for f in figures(())} == {(1.0, 1.0)}
