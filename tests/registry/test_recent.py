"""The table that forgets."""

from registry.recent import Recent


def test_forgets_what_was_not_used_for_longest() -> None:
    """Over the size the value goes that nobody asked for."""
    recent: Recent[int, str] = Recent(2)
    recent.put(1, "one")
    recent.put(2, "two")
    assert recent.get(1) == "one"
    recent.put(3, "three")

    assert [recent.get(key) for key in (1, 2, 3)] == ["one", None, "three"]
    assert len(recent) == 2


def test_obtain() -> None:
    """A value is made once."""
    recent: Recent[int, list[int]] = Recent(2)

    first = recent.obtain(1, list)

    assert recent.obtain(1, list) is first
    recent.drop(1)
    recent.drop(1)
    assert recent.obtain(1, list) is not first
