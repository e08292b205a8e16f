from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from demo.cache import Cache, contents, user_cache


def test_a_folder_is_made_once(tmp_path: Path) -> None:
    """The second call finds what the first one made; other parts make another folder."""
    cache, calls = Cache(tmp_path / "new"), list[str]()

    def make(into: Path) -> None:
        calls.append(into.name)
        (into / "file").write_text("x")

    first, again = cache.folder("a", ["1"], make), cache.folder("a", ["1"], make)
    other = cache.folder("a", ["2"], make)

    assert first == again != other
    assert len(calls) == 2
    assert (first / "file").read_text() == "x"


def test_what_was_not_finished_is_made_anew(tmp_path: Path) -> None:
    """A failure leaves nothing that looks finished."""
    cache = Cache(tmp_path)

    def fail(into: Path) -> None:
        (into / "half").touch()
        raise OSError("no space")

    with pytest.raises(OSError, match="no space"):
        cache.folder("a", [], fail)

    made = cache.folder("a", [], lambda into: (into / "whole").touch())

    assert {path.name for path in made.iterdir()} == {"whole", ".done"}


def test_two_at_once_make_it_once(tmp_path: Path) -> None:
    """The second waits for the first."""
    cache, calls = Cache(tmp_path), list[Path]()

    with ThreadPoolExecutor(4) as pool:
        made = set(pool.map(lambda _: cache.folder("a", [], calls.append), range(8)))

    assert len(made) == len(calls) == 1


def test_contents_change_with_a_file(tmp_path: Path) -> None:
    """Names and texts count, what a build leaves beside the sources does not."""
    (tmp_path / "a").write_text("1")
    before = list(contents(tmp_path))
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "x").write_text("built")

    assert list(contents(tmp_path)) == before
    (tmp_path / "a").write_text("2")
    assert list(contents(tmp_path)) != before


def test_the_users_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It is the demo's part of the cache that the agents use too."""
    monkeypatch.setenv("SPANHOOK_CACHE", str(tmp_path))

    assert user_cache().root == tmp_path / "demo"
