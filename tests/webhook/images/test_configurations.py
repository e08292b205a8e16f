"""The configurations of real images: official ones, those of builders, and ones of none of ours."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from webhook.images.configuration import read
from webhook.languages import BY_NAME
from webhook.model import Json, Source

DATA = Path(__file__).with_name("configurations.json")


@dataclass(frozen=True, slots=True)
class Case:
    """A configuration, the languages that must decide, and the version and C library to be told."""

    name: str
    languages: list[str]
    version: str | None
    libc: str | None
    configuration: Json


CASES = [Case(**case) for case in json.loads(DATA.read_text())]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_evidence_of_configuration(case: Case) -> None:
    """Exactly the expected languages decide, with version and C library where the image tells."""
    evidence = read(case.configuration).evidence

    deciding = {piece.language for piece in evidence if piece.decides and piece.language}
    expected = (sorted(case.languages), case.libc)
    assert expected == (sorted(deciding), next((p.libc for p in evidence if p.libc), None))
    if len(case.languages) == 1:
        (language,) = case.languages
        found = (p.version for p in evidence if p.version and p.language == language)
        assert case.version == next(found, None)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_form_of_evidence(case: Case) -> None:
    """Evidence is the image's, says a fact, and names a language of ours or one with a "~"."""
    for piece in read(case.configuration).evidence:
        assert piece.source is Source.IMAGE
        assert piece.fact
        assert piece.language is None or piece.language in BY_NAME or piece.language.startswith("~")
        assert piece.language or piece.libc


def test_names_are_distinct() -> None:
    """No configuration stands twice in the data."""
    assert len(CASES) == len({case.name for case in CASES})
