import re
from typing import Any

import pytest

from console.status import selectors
from console.status.selectors import ROWS, excess, matches, missed, reached
from tests.console.status.documents import NAMESPACES, PODS, configuration, entry, expression

_SHIPPED: list[dict[str, Any]] = configuration("")["webhooks"]
_AKS = expression("DoesNotExist", key="admissions.enforcer/disabled")


@pytest.mark.parametrize(
    ("selector", "labels", "expected"),
    [
        (None, {"a": "1"}, True),
        ({}, {}, True),
        ({"matchLabels": {"a": "1"}}, {"a": "1", "b": "2"}, True),
        ({"matchLabels": {"a": "1"}}, {"a": "2"}, False),
        ({"matchLabels": {"a": "1"}}, {}, False),
        ({"matchExpressions": [expression("In", "1", "2", key="a")]}, {"a": "2"}, True),
        ({"matchExpressions": [expression("In", "1", key="a")]}, {}, False),
        ({"matchExpressions": [expression("NotIn", "1", key="a")]}, {}, True),
        ({"matchExpressions": [expression("NotIn", "1", key="a")]}, {"a": "1"}, False),
        ({"matchExpressions": [expression("Exists", key="a")]}, {"a": ""}, True),
        ({"matchExpressions": [expression("Exists", key="a")]}, {}, False),
        ({"matchExpressions": [expression("DoesNotExist", key="a")]}, {}, True),
        ({"matchExpressions": [expression("DoesNotExist", key="a")]}, {"a": ""}, False),
        ({"matchExpressions": [expression("Near", key="a")]}, {"a": ""}, False),
        ({"matchLabels": None, "matchExpressions": None}, {}, True),
    ],
)
def test_matches(selector: Any, labels: dict[str, str], expected: bool) -> None:
    """A selector fits labels as the API server says; an unknown operator fits nothing."""
    assert matches(selector, labels) is expected


def test_table() -> None:
    """The rows are those of the docstring."""
    words = {"enabled": "enabled", "disabled": "disabled", None: "none"}
    spaces = {"enabled": "opted in", "disabled": "opted out", None: "no label"}
    label = "spanhook.dev/instrument"
    said = {
        (spaces[row.namespace.get(label)], words[row.pod.get(label)], "yes" if row.sent else "no")
        for row in ROWS
    }
    lines = re.findall(r"^    (\S.*?) {2,}(\S+) +(yes|no)$", selectors.__doc__ or "", re.MULTILINE)

    assert said == set(lines)
    assert len(lines) == len(ROWS)


def test_shipped_entries() -> None:
    """What is shipped sends what it should and nothing else."""
    assert not list(missed(_SHIPPED))
    assert not [said for one in _SHIPPED for said in excess(one)]


def test_a_platforms_own_requirement() -> None:
    """A requirement that a platform adds to every webhook changes nothing of ours."""
    more = {"matchLabels": {"spanhook.dev/instrument": "enabled"}, "matchExpressions": [_AKS]}
    entries = [entry("n", {**NAMESPACES, "namespaceSelector": more}, ""), _SHIPPED[1]]

    assert not list(missed(entries))
    assert reached(entries, "shop", {"spanhook.dev/instrument": "enabled"})
    assert not reached(
        entries,
        "shop",
        {"spanhook.dev/instrument": "enabled", "admissions.enforcer/disabled": "true"},
    )


def test_missed() -> None:
    """Without an entry its pods are named."""
    assert list(missed(_SHIPPED[:1])) == ["opted-in pods of other namespaces"]
    assert list(missed(_SHIPPED[1:])) == [
        "pods of opted-in namespaces",
        "opted-in pods of opted-in namespaces",
    ]


def test_excess() -> None:
    """Selectors that are too wide are named by what they select beyond."""
    everything = entry("all", {"namespaceSelector": {}, "objectSelector": None}, "")
    no_opt_out = entry("n", {**NAMESPACES, "objectSelector": {}}, "")

    assert len(list(excess(everything))) == sum(not row.sent for row in ROWS)
    assert list(excess(no_opt_out)) == ["opted-out pods of opted-in namespaces"]


def test_reached() -> None:
    """A namespace's own name counts too."""
    but = expression("NotIn", "shop", key="kubernetes.io/metadata.name")
    labels = {"spanhook.dev/instrument": "enabled"}
    narrow = {"matchLabels": labels, "matchExpressions": [but]}
    entries = [entry("n", {**NAMESPACES, "namespaceSelector": narrow}, ""), entry("p", PODS, "")]

    assert not reached(entries, "shop", labels)
    assert reached(entries, "other", labels)
