from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webhook.images.profile import command_key

words = st.lists(st.text(max_size=4), max_size=4)


@given(words, words)
def test_one_key_for_one_line(first: list[str], second: list[str]) -> None:
    """Two command lines have one key exactly where their words are the same."""
    assert (command_key(first) == command_key(tuple(second))) == (first == second)


def test_form() -> None:
    """A key is 64 hexadecimal digits, whatever the words are; it never changes."""
    assert command_key(["java", "-jar", "app.jar"]) == (
        "62f0fe060b99e6ff00f39d821290630a65592c2539c30033cc731e9300bfa85d"
    )
    assert len(command_key(["\ud800", "\0"])) == 64


@pytest.mark.parametrize(
    ("fields", "same"),
    [
        ({}, True),
        ({"workingDir": ""}, True),
        ({"workingDir": None, "env": None}, True),
        ({"env": [{"name": "HOME", "value": "/x"}]}, True),
        ({"workingDir": "/srv"}, False),
        ({"env": [{"name": "PATH", "value": "/srv/bin"}]}, False),
        ({"env": [{"name": "PATH", "valueFrom": {}}]}, False),
        ({"image": ""}, True),
        ({"image": "Not A Reference"}, True),
        ({"image": "registry.corp/app:1"}, False),
    ],
)
def test_where_the_words_lie(fields: dict[str, Any], same: bool) -> None:
    """A working directory or PATH of the pod's own, and its image, make another key."""
    assert (command_key(["app"], fields) == command_key(["app"])) == same


def test_one_repository() -> None:
    """All of a repository's tags and digests share a key, however it is spelled; no other does."""
    same = ["python", "docker.io/library/python:3.13", f"python@sha256:{'1' * 64}"]

    assert len({command_key(["app"], {"image": image}) for image in same}) == 1
    assert command_key(["app"], {"image": "evil.example/library/python"}) != command_key(
        ["app"], {"image": "python"}
    )


def test_no_word_is_a_place() -> None:
    """An argument that reads like a place is an argument."""
    assert command_key(["app"], {"workingDir": "/srv"}) != command_key(["app", "/srv"])
