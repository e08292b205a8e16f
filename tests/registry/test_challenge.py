"""The challenges of a 401."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.challenge import Challenge, parse

HUB = (
    'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",'
    'scope="repository:library/python:pull"'
)

CASES: list[tuple[str, list[Challenge]]] = [
    (
        HUB,
        [
            Challenge(
                "bearer",
                {
                    "realm": "https://auth.docker.io/token",
                    "service": "registry.docker.io",
                    "scope": "repository:library/python:pull",
                },
            )
        ],
    ),
    ('Basic realm="a, b"', [Challenge("basic", {"realm": "a, b"})]),
    ("basic", [Challenge("basic", {})]),
    (
        'Basic realm=x , Bearer realm="y",service=z',
        [Challenge("basic", {"realm": "x"}), Challenge("bearer", {"realm": "y", "service": "z"})],
    ),
    ('Bearer REALM = "a\\"b\\\\"', [Challenge("bearer", {"realm": 'a"b\\'})]),
    (
        "Negotiate YWJj==, Basic realm=x",
        [Challenge("negotiate", {}), Challenge("basic", {"realm": "x"})],
    ),
    ('Bearer realm="one",realm="two"', [Challenge("bearer", {"realm": "one"})]),
    ('Bearer realm="unclosed', [Challenge("bearer", {})]),
    ("", []),
    (",,;", []),
]


@pytest.mark.parametrize(("header", "expected"), CASES, ids=[text[:30] for text, _ in CASES])
def test_parse(header: str, expected: list[Challenge]) -> None:
    """Schemes and their parameters, as RFC 9110 writes them; the rest is passed over."""
    assert list(parse([header])) == expected


def test_several_headers() -> None:
    """Challenges may come in headers of their own."""
    found = parse(["Basic realm=x", HUB])

    assert [challenge.scheme for challenge in found] == ["basic", "bearer"]


@given(st.lists(st.text(max_size=200), max_size=3))
def test_any_text_is_survived(headers: list[str]) -> None:
    """Whatever a registry says, parsing ends, and gives schemes in lower case."""
    for challenge in parse(headers):
        assert challenge.scheme == challenge.scheme.lower()


_word = st.from_regex(r"[A-Za-z0-9-]{1,12}", fullmatch=True)
_value = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40)


@given(_word, st.dictionaries(_word.map(str.lower), _value, min_size=1, max_size=4))
def test_round_trip(scheme: str, parameters: dict[str, str]) -> None:
    """What is written with quoted strings is read again."""

    def quoted(value: str) -> str:
        return value.replace("\\", "\\\\").replace('"', '\\"')

    fields = ", ".join(f'{name}="{quoted(value)}"' for name, value in parameters.items())

    assert parse([f"{scheme} {fields}"]) == (Challenge(scheme.lower(), parameters),)
