from pathlib import Path

import pytest

from webhook.server.settings import SettingsError, load, parse
from webhook.settings import LanguageSettings, Settings


@pytest.mark.parametrize("text", ["", "---\n", "# nothing\n", "{}"], ids=["-", "---", "#", "{}"])
def test_empty_document_is_a_good_one(text: str) -> None:
    """Everything has a default."""
    assert parse(text, "s.yaml") == Settings()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            "endpoint: http://c:4318\nsamplingRatio: 0.5\nlanguages:\n  java: {enabled: false}\n",
            id="YAML",
        ),
        pytest.param(
            '{"endpoint": "http://c:4318", "samplingRatio": 0.5,'
            ' "languages": {"java": {"enabled": false}}}',
            id="JSON",
        ),
        pytest.param(
            "{endpoint: 'http://c:4318', samplingRatio: 0.5, languages: {java: {enabled: false}}}",
            id="YAML in one line",
        ),
    ],
)
def test_yaml_and_json(tmp_path: Path, text: str) -> None:
    """Both forms give the same settings."""
    file = tmp_path / "settings.yaml"
    file.write_text(text)

    assert load(file) == Settings(
        endpoint="http://c:4318",
        sampling_ratio=0.5,
        languages={"java": LanguageSettings(enabled=False)},
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(
            "languages: {pythn: {enabled: false}}",
            "s.yaml: languages.pythn: unknown language; did you mean python?",
            id="language",
        ),
        pytest.param(
            "samplingRation: 1",
            "s.yaml: samplingRation: unknown field; did you mean samplingRatio?",
            id="unknown field",
        ),
        pytest.param(
            "languages: {java: {enable: true}}",
            "s.yaml: languages.java.enable: unknown field; did you mean enabled?",
            id="unknown field below",
        ),
        pytest.param(
            "languages: {java: {enabled: 'yes'}}",
            's.yaml: languages.java.enabled: expected `bool`; there is "yes"',
            id="wrong type below a key",
        ),
        pytest.param(
            "samplingRatio: 1.5",
            "s.yaml: samplingRatio: expected `float` <= 1.0; there is 1.5",
            id="out of range",
        ),
        pytest.param(
            "signals: [traces, profiles]",
            "s.yaml: signals[1]: invalid enum value 'profiles'; there is \"profiles\"",
            id="in a list",
        ),
        pytest.param("endpoint:", "s.yaml: endpoint: expected `str`; there is null", id="null"),
        pytest.param(
            "languages: [java]",
            's.yaml: languages: expected `object`; there is ["java"]',
            id="list for mapping",
        ),
        pytest.param(
            "just text", 's.yaml: the document: expected `object`; there is "just text"', id="text"
        ),
        pytest.param("endpoint: [\n", "s.yaml: line 2: expected the node content", id="not YAML"),
        pytest.param(
            "endpoint: a\nendpoint: b\n", "s.yaml: line 2: found duplicate key", id="twice"
        ),
        pytest.param('{"endpoint": "a",', "s.yaml: line 1:", id="not JSON"),
    ],
)
def test_errors_name_field_expectation_and_value(text: str, said: str) -> None:
    """What is wrong is said with its place, what was expected and what stands there."""
    with pytest.raises(SettingsError) as raised:
        parse(text, "s.yaml")

    assert str(raised.value).startswith(said)


def test_unknown_field_without_a_near_name() -> None:
    """Where no name is near, all are listed."""
    with pytest.raises(SettingsError, match="xyzzy: unknown field; known are endpoint, signals"):
        parse("xyzzy: 1", "s.yaml")


def test_all_errors_are_said_at_once() -> None:
    """One line for each problem."""
    with pytest.raises(SettingsError) as raised:
        parse("endpoint: 1\nxyzzy: 1\nlanguages: {java: {enabled: 1}, go: {image: 1}}\n", "s.yaml")

    fields = [line.split(": ")[1] for line in str(raised.value).splitlines()]
    assert fields == ["endpoint", "xyzzy", "languages.java.enabled", "languages.go.image"]


def test_missing_file(tmp_path: Path) -> None:
    """A file that is not there is named."""
    with pytest.raises(SettingsError, match=r"none\.yaml: No such file or directory"):
        load(tmp_path / "none.yaml")


def test_file_that_is_not_text(tmp_path: Path) -> None:
    """A file that is not UTF-8 is named."""
    (tmp_path / "s.yaml").write_bytes(b"\xff\xff")

    with pytest.raises(SettingsError, match=r"s\.yaml: .*utf-8"):
        load(tmp_path / "s.yaml")
