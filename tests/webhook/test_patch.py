import copy
from typing import Any, Literal

import jsonpatch
import pytest
from hypothesis import given
from hypothesis import strategies as st

from webhook.model import Operation
from webhook.patch import Builder, Created, Place, apply, before, escape

_keys = st.sampled_from(["a", "b", "a/b", "~", "~1", "", "0", "-", "ü", "spanhook.dev/status"])
_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_keys, inner, max_size=3),
    max_leaves=8,
)
Op = Literal["add", "replace", "remove"]
_OPS: list[Op] = ["add", "replace", "remove"]
_documents = st.dictionaries(_keys, _values, min_size=1, max_size=4)


@st.composite
def _operation(draw: st.DrawFn, document: Any) -> Operation:
    """An operation that applies to a document."""
    parents = [("", document)]
    for path, parent in parents:
        members = enumerate(parent) if isinstance(parent, list) else parent.items()
        parents += [
            (f"{path}/{escape(str(key))}", value)
            for key, value in members
            if isinstance(value, (list, dict))
        ]
    path, parent = draw(st.sampled_from(parents))
    op: Op = draw(st.sampled_from(_OPS if parent else _OPS[:1]))
    if isinstance(parent, list):
        end = len(parent) - (op != "add")
        token = draw(st.integers(0, end).map(str) | st.just("-" if op == "add" else "0"))
    else:
        token = escape(draw(_keys if op == "add" else st.sampled_from(sorted(parent))))
    return Operation(op, f"{path}/{token}", draw(_values))


@given(st.data(), _documents)
def test_apply(data: st.DataObject, document: Any) -> None:
    """Operations make the same document as another implementation of JSON Patch makes."""
    ours, theirs = copy.deepcopy(document), copy.deepcopy(document)
    for _ in range(data.draw(st.integers(1, 5))):
        operation = data.draw(_operation(ours))
        theirs = jsonpatch.apply_patch(theirs, copy.deepcopy([operation.to_json()]))
        own = Operation(operation.op, operation.path, copy.deepcopy(operation.value))
        ours = apply(ours, [own])

        assert ours == theirs


@pytest.mark.parametrize(
    ("operation", "error"),
    [
        (Operation("replace", "/b", 1), KeyError),
        (Operation("remove", "/b"), KeyError),
        (Operation("add", "/b/c", 1), KeyError),
        (Operation("add", "/a/5", 1), IndexError),
        (Operation("replace", "/a/5", 1), IndexError),
        (Operation("remove", "/a/1"), IndexError),
    ],
)
def test_paths_that_do_not_exist(operation: Operation, error: type[Exception]) -> None:
    """An operation on what is not there is an error, as RFC 6902 demands."""
    with pytest.raises(error):
        apply({"a": [0]}, [operation])


@pytest.mark.parametrize(
    ("key", "token"),
    [("a", "a"), ("a/b", "a~1b"), ("a~b", "a~0b"), ("~1", "~01"), ("/~", "~1~0"), ("", "")],
)
def test_escape(key: str, token: str) -> None:
    """Keys are written as RFC 6901 says, and read back."""
    assert escape(key) == token
    assert apply({}, [Operation("add", f"/{token}", 1)]) == {key: 1}


@pytest.mark.parametrize(
    ("document", "first", "expected", "created"),
    [
        ({"l": [1, 2]}, False, [1, 2, 8, 9], {}),
        ({"l": [1, 2]}, True, [8, 9, 1, 2], {}),
        ({"l": []}, True, [8, 9], {}),
        ({"l": None}, True, [8, 9], {"l": "null"}),
        ({}, False, [8, 9], {"l": "absent"}),
    ],
)
def test_items(document: Any, first: bool, expected: list[int], created: Created) -> None:
    """Items go behind or before those of a list; a list that is made is remembered."""
    build, seen = Builder(), Created()
    build.items(Place(document, "", "l"), [8, 9], seen, first=first)

    assert apply(copy.deepcopy(document), build.operations) == {"l": expected}
    assert seen == created


def test_no_items() -> None:
    """Nothing to add makes no list."""
    build, seen = Builder(), Created()
    build.items(Place({}, "", "l"), [], seen)

    assert (build.operations, seen) == ([], {})


@pytest.mark.parametrize("document", [{}, {"m": None}, {"m": {}}, {"m": {"a/b": "old", "c": "d"}}])
def test_members(document: Any) -> None:
    """Members are set in an object, which is made where there is none."""
    build = Builder()
    build.members(Place(document, "", "m"), {"a/b": "1", "x": "2"})
    whole = apply(copy.deepcopy(document), build.operations)

    assert whole == {"m": {**(document.get("m") or {}), "a/b": "1", "x": "2"}}


def test_equal_members() -> None:
    """What is there already is not written again."""
    build = Builder()
    build.members(Place({"m": {"a": "1"}}, "", "m"), {"a": "1"})

    assert build.operations == []


def test_before() -> None:
    """A member that is absent is told from one that is null."""
    assert (before({"a": None}, "a"), before({}, "a")) == ("null", "absent")


def test_to_json() -> None:
    """An operation goes over the wire as RFC 6902 has it; remove has no value."""
    assert Operation("add", "/a", None).to_json() == {"op": "add", "path": "/a", "value": None}
    assert Operation("remove", "/a").to_json() == {"op": "remove", "path": "/a"}
