import asyncio

import pytest

from kube.errors import ApiError
from kube.pages import LIMIT, collection, fitting
from tests.kube.playing import Source, Thing, page, thing

GONE = ApiError(410, "Expired", "too old")


def read(source: Source) -> tuple[list[str], str]:
    """The names in a collection, and its version."""
    selected = {"fieldSelector": "f"}
    objects, version = asyncio.run(collection(source, "/things", Thing, selected, lambda: None))
    return [one.metadata.name for one in objects], version


def test_pages() -> None:
    """Pages follow one another by their tokens; the version is that of the last."""
    source = Source.of(
        page(thing("a"), more="t1"), page(thing("b"), more="t2"), page(thing("c"), version=9)
    )

    assert read(source) == (["a", "b", "c"], "9")
    assert [one.get("continue") for one in source.asked] == [None, "t1", "t2"]
    assert {one["fieldSelector"] for one in source.asked} == {"f"}


def test_a_list_that_is_forgotten_half_way() -> None:
    """A token that has expired costs what was read: the list begins anew."""
    source = Source.of(
        page(thing("a"), more="t"), GONE, page(thing("a"), more="u"), page(thing("b"), version=3)
    )

    assert read(source) == (["a", "b"], "3")
    assert [one.get("continue") for one in source.asked] == [None, "t", None, "u"]


def test_a_list_that_is_always_forgotten() -> None:
    """A collection that cannot be read before it is forgotten is an error, not a loop."""
    half = page(thing("a"), more="t")

    with pytest.raises(ApiError, match="410"):
        read(Source.of(half, GONE, half, GONE, half, GONE, half))


def test_a_page_that_is_too_large() -> None:
    """Too large a page is given up for smaller ones; one object alone is as large as it is."""
    large = thing("x", color="c" * (9 << 20))
    source = Source.of(
        page(*(thing(f"t{n}") for n in range(10)), more="t"),
        page(large, large, more="u"),
        page(large, large, more="u"),
        page(large, large, more="u"),
        page(large, large, more="u"),
        page(large, more="u"),
        page(thing("z"), version=5),
    )

    names, version = read(source)

    assert (names[10:], version) == (["x", "z"], "5")
    limits = [int(one["limit"]) for one in source.asked]
    assert limits[:7] == [10, 500, 125, 31, 7, 1, 1]
    assert {one.get("continue") for one in source.asked[1:6]} == {"t"}


def test_another_error_is_the_callers() -> None:
    """Only 410 is dealt with here."""
    with pytest.raises(ApiError, match="403"):
        read(Source.of(ApiError(403, "Forbidden", "")))


def test_pages_grow_and_shrink() -> None:
    """Small objects come by the 500, large ones a few at a time; never none."""
    assert fitting(50, 50 * 1000) == LIMIT
    assert fitting(500, 500 * 10_000) == 209
    assert fitting(50, 50 << 20) == 2
    assert fitting(1, 3 << 20) == 1
    assert fitting(0, 100) == LIMIT


def test_the_first_page_is_a_small_one() -> None:
    """Before a size is known, no page of 500 ConfigMaps with a megabyte each is asked for."""
    source = Source.of(page(*(thing(f"t{n}") for n in range(10)), more="t"), page(thing("z")))
    read(source)

    assert [int(one["limit"]) for one in source.asked] == [10, 500]
