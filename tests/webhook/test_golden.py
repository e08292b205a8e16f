import copy
from typing import Any

import jsonpatch
import pytest

from tests.webhook import golden
from webhook import patch
from webhook.mutate import mutate
from webhook.reasons import Reason
from webhook.uninject import uninject

cases = pytest.mark.parametrize("name", golden.CASES)


@pytest.fixture(autouse=True)
def rewritten(request: pytest.FixtureRequest) -> None:
    """Write the expected files first where --rewrite-golden asks for it."""
    if request.config.getoption("--rewrite-golden") and "name" in request.fixturenames:
        golden.rewrite(request.getfixturevalue("name"))


@cases
def test_documents(name: str) -> None:
    """The manifests come out as the folder says."""
    assert golden.expected_documents(name) == golden.documents(name)


@cases
def test_decisions(name: str) -> None:
    """Each container gets the decision of the folder, and is told what stands there."""
    expected = golden.expected_decisions(name)["containers"]
    found = golden.decisions(name)

    assert [_without_phrases(entry) for entry in expected] == [entry for entry, _ in found]
    for entry, (_, text) in zip(expected, found, strict=True):
        phrases = entry.get("says", [])
        assert all(phrase in text for phrase in phrases), text
        assert all(any(p in line for p in phrases) for line in text.splitlines()), text


def _without_phrases(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key != "says"}


@cases
def test_warnings(name: str) -> None:
    """Whoever creates the pods is warned of what the folder says, and of nothing else."""
    phrases = golden.expected_decisions(name).get("warnings", [])
    warnings = golden.warnings(name)

    assert len(phrases) == len(warnings), warnings
    for phrase, warning in zip(phrases, warnings, strict=True):
        assert phrase in warning


@cases
def test_twice(name: str) -> None:
    """What came out is left alone when it comes in again."""
    case = golden.read(name)
    for result in golden.results(name):
        again = mutate(result.after, result.context, case.facts, case.settings)

        assert not again.operations
        assert again.failure is None or result.outcome.failure is not None


@cases
def test_taken_back(name: str) -> None:
    """Taking the injection back gives the manifest as it was written."""
    for result in golden.results(name):
        if not result.outcome.operations:
            continue
        removal = uninject(result.after)

        assert golden.before_all(name, result) == patch.apply(
            copy.deepcopy(result.after), removal.operations
        )
        assert not removal.warnings


@cases
def test_patch(name: str) -> None:
    """Another implementation of JSON Patch makes the same pod of the operations."""
    for result in golden.results(name):
        operations = [operation.to_json() for operation in result.outcome.operations]

        assert result.after == jsonpatch.apply_patch(result.before, operations)


def test_every_reason() -> None:
    """There is a case for every reason."""
    seen = {entry.get("reason") for name in golden.CASES for entry, _ in golden.decisions(name)}

    assert not set(Reason) - seen
