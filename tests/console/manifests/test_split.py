import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.manifests.split import split

_LINES = st.sampled_from(
    ["---", "--- ", "--- # c", "--- a: 1", "---x", " ---", "...", "... # c", "%YAML 1.2", "# c", "",
     " ", "a: 1", "b: |", "  text", "\ufeff---", "\t", "é🙂", "\u2028", "\x85", "\x0c"]
)  # fmt: skip
_ENDS = st.sampled_from(["\n", "\r\n", "\r", ""])
TEXTS = st.lists(st.tuples(_LINES, _ENDS)).map(lambda pairs: "".join(map("".join, pairs)))


@given(st.one_of(TEXTS, st.text()))
def test_joining_the_parts_gives_the_text_back(text: str) -> None:
    """Whatever a text holds, no character is lost, added or moved, and places are counted right."""
    parts = split(text)

    assert "".join(part.text for part in parts) == text
    assert [part.number for part in parts] == list(range(1, len(parts) + 1))
    assert all(part.text for part in parts[1:])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", [""], id="empty"),
        pytest.param("a: 1", ["a: 1"], id="one without a line end"),
        pytest.param("a: 1\n---\nb: 2\n", ["a: 1\n", "---\nb: 2\n"], id="two"),
        pytest.param("# c\n\n---\na: 1\n", ["# c\n\n---\na: 1\n"], id="comment before the marker"),
        pytest.param("---\n---\na: 1\n", ["---\n", "---\na: 1\n"], id="an empty one counts"),
        pytest.param("a: 1\n---\n", ["a: 1\n", "---\n"], id="a marker at the end"),
        pytest.param("--- a: 1\n--- {b: 2}\n", ["--- a: 1\n", "--- {b: 2}\n"], id="same line"),
        pytest.param("a: |\n  ---\n  x\n", ["a: |\n  ---\n  x\n"], id="indented is content"),
        pytest.param("a: |\n  x\n---x: 1\n", ["a: |\n  x\n---x: 1\n"], id="no space is content"),
        pytest.param("a: 1\r\n---\r\nb: 2", ["a: 1\r\n", "---\r\nb: 2"], id="CRLF"),
        pytest.param("\ufeff---\na: 1\n", ["\ufeff---\na: 1\n"], id="byte order mark"),
        pytest.param(
            "a: 1\n...\n# c\n---\nb: 2\n", ["a: 1\n...\n# c\n", "---\nb: 2\n"], id="end mark"
        ),
        pytest.param(
            "%YAML 1.2\n---\na: 1\n...\n%YAML 1.2\n---\nb: 2\n",
            ["%YAML 1.2\n---\na: 1\n...\n", "%YAML 1.2\n---\nb: 2\n"],
            id="directives",
        ),
        pytest.param("a: 1\n...\nb: 2\n", ["a: 1\n...\n", "b: 2\n"], id="no marker after the end"),
    ],
)  # fmt: skip
def test_documents_begin_where_yaml_says(text: str, expected: list[str]) -> None:
    """Markers count at the start of a line and before white space only."""
    assert [part.text for part in split(text)] == expected


def test_lines_are_those_of_the_file() -> None:
    """Each part knows the line on which it begins, for all three line ends."""
    assert [part.line for part in split("a: 1\r\n# c\r---\nb: 2\n---\n")] == [1, 3, 5]
