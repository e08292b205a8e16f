from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.expansion import expand

_VALUES = {"A": "one", "B": "two", "EMPTY": "", "NESTED": "$(A)", "a.b-c": "odd"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("$(A)", "one", id="a variable"),
        pytest.param("x$(A)y$(B)z", "xoneytwoz", id="two in a text"),
        pytest.param("$(A)$(B)", "onetwo", id="side by side"),
        pytest.param("$(EMPTY)", "", id="an empty value"),
        pytest.param("$(a.b-c)", "odd", id="any name that Kubernetes allows"),
        pytest.param("$(UNKNOWN)", "$(UNKNOWN)", id="unknown stays"),
        pytest.param("$()", "$()", id="no name stays"),
        pytest.param("$$(A)", "$(A)", id="escaped"),
        pytest.param("$$$(A)", "$one", id="an escaped dollar, then a variable"),
        pytest.param("$$$$(A)", "$$(A)", id="two escaped dollars"),
        pytest.param("cost: $$5", "cost: $5", id="two dollars become one"),
        pytest.param("cost: $5", "cost: $5", id="a dollar alone stays"),
        pytest.param("$A ${A}", "$A ${A}", id="a shell's forms are text"),
        pytest.param("$(A", "$(A", id="not closed"),
        pytest.param("$", "$", id="a dollar at the end"),
        pytest.param("$($(A))", "$($(A))", id="a name ends at the first parenthesis"),
        pytest.param("$(NESTED)", "$(A)", id="what was put in is not read again"),
        pytest.param("$(A)\n$(B)", "one\ntwo", id="lines"),
    ],
)
def test_expand(text: str, expected: str) -> None:
    """Each form becomes what the kubelet makes of it."""
    assert expected == expand(text, _VALUES)


_PIECES = st.sampled_from(["$", "(", ")", "A", "B", "EMPTY", "NESTED", "UNKNOWN", " ", "\n", "x"])


@given(st.lists(_PIECES, max_size=20).map("".join))
def test_expand_agrees_with_the_kubelets_scanner(text: str) -> None:
    """Every text becomes what the kubelet's character scanner makes of it."""
    assert _scanned(text, _VALUES) == expand(text, _VALUES)


@given(st.text())
def test_a_doubled_text_expands_to_itself(text: str) -> None:
    """Doubling every dollar makes any text literal: what the injection relies on for image Env."""
    assert text == expand(text.replace("$", "$$"), _VALUES)


@given(st.text().filter(lambda text: "$" not in text))
def test_a_text_without_a_dollar_stays(text: str) -> None:
    """Nothing else is an operator."""
    assert text == expand(text, _VALUES)


def _scanned(text: str, values: Mapping[str, str]) -> str:
    """The rules as the kubelet's own code has them: a cursor, one character at a time."""
    result, cursor = "", 0
    while cursor < len(text):
        if text[cursor] != "$" or cursor + 1 == len(text):
            result += text[cursor]
            cursor += 1
            continue
        read, is_variable, advance = _after_dollar(text[cursor + 1 :])
        result += values.get(read, f"$({read})") if is_variable else read
        cursor += 1 + advance
    return result


def _after_dollar(text: str) -> tuple[str, bool, int]:
    if text[0] == "$":
        return "$", False, 1
    if text[0] != "(":
        return f"${text[0]}", False, 1
    closing = text.find(")")
    return ("$(", False, 1) if closing < 0 else (text[1:closing], True, closing + 1)
