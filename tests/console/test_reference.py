"""The reference pages under docs/."""

from pathlib import Path

import pytest

from console.reference import PAGES

_DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", PAGES)
def test_page_is_current(name: str) -> None:
    """The page in docs/ is what its definition gives today (`make docs` writes it)."""
    assert PAGES[name]() == (_DOCS / name).read_text(encoding="utf-8")
