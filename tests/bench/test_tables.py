from pathlib import Path

import pytest

from bench.tables import PageError, markdown, write

PAGE = """before
<!-- one: begin -->
old
<!-- one: end -->
between
<!-- two: begin -->
kept
<!-- two: end -->
after
"""


def test_text_between_markers_is_replaced(tmp_path: Path) -> None:
    """One part is written anew, as often as one likes; everything around it stays."""
    page = tmp_path / "performance.md"
    page.write_text(PAGE)

    write("new", page, "one")
    once = page.read_text()
    write("new", page, "one")

    assert once == page.read_text()
    assert once == PAGE.replace("\nold\n", "\n\nnew\n\n")


def test_page_without_markers(tmp_path: Path) -> None:
    """A page that has no place for figures is not touched."""
    page = tmp_path / "performance.md"
    page.write_text(PAGE)

    with pytest.raises(PageError, match=r"performance\.md.*three"):
        write("new", page, "three")

    assert page.read_text() == PAGE


def test_markdown() -> None:
    """A sentence, then each table under its title."""
    text = markdown("Measured.", [("Rates", [("server", "rate"), ("a", "1"), ("b", "2")])])

    assert text == ("Measured.\n\nRates:\n\n| server | rate |\n| --- | --- |\n| a | 1 |\n| b | 2 |")
