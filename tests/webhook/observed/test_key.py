"""How an observation is found again."""

import re
from typing import Any

import pytest

from webhook.model import Owner
from webhook.observed import Workload, started, workload_of
from webhook.observed.key import of_pod


@pytest.mark.parametrize(
    ("kind", "name", "expected"),
    [
        ("Deployment", "cart", "deployment-cart"),
        ("StatefulSet", "a.b-c", "statefulset-a.b-c"),
        ("Job", "x" * 249, "job-" + "x" * 249),
    ],
)
def test_names(kind: str, name: str, expected: str) -> None:
    """An object's name is the workload's kind and name."""
    assert Workload("shop", kind, name).object_name == expected


@pytest.mark.parametrize(
    ("kind", "name"),
    [("Deployment", "x" * 253), ("Some:Kind", "a"), ("Kind", "A"), ("Kind", "ä/b"), (":", ".")],
)
def test_names_with_a_hash(kind: str, name: str) -> None:
    """What is no object's name, or too long for one, gets a hash; so no two share a name."""
    found = Workload("shop", kind, name).object_name

    assert re.fullmatch(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?", found)
    assert re.search(r"-[0-9a-f]{16}$", found)
    assert found != Workload("shop", kind, name + "x").object_name


def test_workloads_of_pods() -> None:
    """What controls it; a bare pod is its own, if it has a name."""
    bare = {"metadata": {"name": "cart", "namespace": "shop"}}

    assert workload_of(bare, "shop", Owner("Deployment", "x")) == ("shop", "Deployment", "x")
    assert workload_of(bare, None, None) == ("", "Pod", "cart")
    assert workload_of({"metadata": {"generateName": "cart-"}}, "shop", None) is None
    assert of_pod(bare) == ("shop", "Pod", "cart")
    assert of_pod({}) is None


@pytest.mark.parametrize(
    "other",
    [
        {"command": ["a"]},
        {"args": ["a"]},
        {"command": ["a"], "args": ["b"]},
        {"command": ["a", "b"]},
        {"args": ["a", "b"]},
        {"workingDir": "/x"},
        {"image": "acme/other:1"},
        {"env": [{"name": "PATH", "value": "/x"}]},
    ],
)
def test_command_lines_differ(other: dict[str, Any]) -> None:
    """Command, arguments, and what words mean files by, are told apart; the tag does not count."""
    plain = {"name": "app", "image": "acme/cart:1"}
    changes = [{}, {"command": ["a"]}, {"args": ["a"]}]

    assert all(started(plain | one) != started(plain | other) for one in changes if one != other)
    assert started(plain | other) == started(plain | other | {"name": "b"})
    assert started(plain) == started({**plain, "image": "acme/cart:2", "env": []})
