import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from console.manifests.compose import compose
from console.manifests.scalars import is_plain, quoted, resolve, tagged, write
from webhook.model import Json


# Each row as kubectl 1.32 reads it (`kubectl annotate --local -o json`).
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0644", 420), ("0o644", 420), ("0x1F", 31), ("0b11", 3), ("-010", -8), ("+1", 1),
        ("1_000", 1000), ("0899", 899.0), ("1e3", 1000.0), (".5", 0.5), ("1.", 1.0), ("-0", 0),
        ("0o8", "0o8"), ("12:30:45", "12:30:45"), ("2001-01-01", "2001-01-01"), ("1.2.3", "1.2.3"),
        ("yes", True), ("y", True), ("On", True), ("TRUE", True), ("no", False), ("N", False),
        ("off", False), ("yEs", "yEs"), ("", None), ("~", None), ("Null", None), ("nULL", "nULL"),
        ("=", "="), ("-", "-"), ("1Gi", "1Gi"), ("1e999", "1e999"), (".", "."), ("+", "+"),
    ],
)  # fmt: skip
def test_plain_scalars_are_read_as_kubectl_reads_them(text: str, expected: Json) -> None:
    """A manifest means here what it means to kubectl, which reads YAML 1.1."""
    found = resolve(text)

    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize("text", [".inf", "-.Inf", ".NaN"])
def test_numbers_that_json_lacks_are_refused(text: str) -> None:
    """The API cannot send infinity either; saying it beats sending null."""
    with pytest.raises(ValueError, match="no number that a manifest can hold"):
        resolve(text)


@pytest.mark.parametrize(
    ("tag", "text", "expected"),
    [
        ("int", "12", 12), ("float", "1", 1.0), ("bool", "yes", True), ("null", "~", None),
        ("binary", "aGVsbG8=", "hello"), ("other", "12", "12"), ("str", "12", "12"),
    ],
)  # fmt: skip
def test_tags_say_the_type(tag: str, text: str, expected: Json) -> None:
    """An explicit tag decides; one that is not known leaves a text."""
    found = tagged(f"tag:yaml.org,2002:{tag}", text)

    assert (found, type(found)) == (expected, type(expected))


def test_a_tag_that_does_not_fit_is_refused() -> None:
    """`!!int text` is an error, as for kubectl."""
    with pytest.raises(ValueError, match="not of the type"):
        tagged("tag:yaml.org,2002:int", "text")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("app", "app"), ("/spanhook/python:/lib", "/spanhook/python:/lib"), ("-r", "-r"),
        ("--require /a.js", "--require /a.js"), ("$(POD)", "$(POD)"), ("a=b,c=d", "a=b,c=d"),
        ("true", '"true"'), ("0644", '"0644"'), ("12:30", '"12:30"'), ("", '""'),
        ("a: b", '"a: b"'),
        ("- a", '"- a"'), ("a #b", '"a #b"'), ('{"v":1}', "'{\"v\":1}'"), ("it's", '"it\'s"'),
        ("a\\b", "'a\\b'"), ("two\nlines", '"two\\nlines"'), ("x ", '"x "'), ("é", '"é"'),
        (True, "true"), (None, "null"), (1, "1"), ([], "[]"), ({}, "{}"),
    ],
)  # fmt: skip
def test_values_are_written_as_people_write_them(value: Json, expected: str) -> None:
    """Quotes only where a reader could take the text for something else, and the calmer ones."""
    assert write(value) == expected


@given(st.text(), st.sampled_from(["", "'", '"']))
def test_every_text_that_is_written_is_read_back(text: str, style: str) -> None:
    """Any text, control characters and emoji included, survives in any quotes, on one line."""
    written = write(text, style)
    node = compose(f"key: {written}\n") if text.encode(errors="replace").decode() == text else None

    assert "\n" not in written
    assert node is None or node.data == {"key": text}


@given(st.text(max_size=8))
def test_plain_texts_are_plain_to_other_readers_too(text: str) -> None:
    """What is written without quotes is the same text to a YAML 1.2 reader."""
    if is_plain(text):
        assert YAML(typ="safe", pure=True).load(f"- {text}\n") == [text]


def test_quoting_escapes_what_yaml_cannot_hold() -> None:
    """Characters that YAML forbids are escaped one by one, not as halves."""
    assert quoted("\x7f\u2028🙂") == '"\\u007f\\u2028🙂"'
