from typing import Any

import pytest

from tests.webhook import tables
from tests.webhook.examples import pod
from webhook import optin
from webhook.model import Context, Namespace
from webhook.reasons import Reason
from webhook.settings import Settings

LABEL = optin.LABEL
MIRROR = {"annotations": {optin.MIRROR: "hash"}}

# The first column is the docstring's; a row there may be several here.
ROWS: list[tuple[str, dict[str, Any], dict[str, Any], str, str | None, bool, str | None]] = [
    ("mirror pod (kubernetes.io/config.mirror)", MIRROR, {}, "shop", None, True, "MirrorPod"),
    (
        "Windows (spec.os or the node selector)",
        {},
        {"os": {"name": "windows"}},
        "shop",
        None,
        True,
        "WindowsPod",
    ),
    (
        "Windows (spec.os or the node selector)",
        {},
        {"nodeSelector": {"kubernetes.io/os": "windows"}},
        "shop",
        None,
        True,
        "WindowsPod",
    ),
    (
        "system namespace, ours, or ignored by settings",
        {"labels": {LABEL: "enabled"}},
        {},
        "kube-system",
        None,
        True,
        "SystemNamespace",
    ),
    (
        "system namespace, ours, or ignored by settings",
        {"labels": {LABEL: "enabled"}},
        {},
        "spanhook-node",
        None,
        True,
        "SystemNamespace",
    ),
    (
        "system namespace, ours, or ignored by settings",
        {"labels": {LABEL: "enabled"}},
        {},
        "sandbox",
        None,
        True,
        "SystemNamespace",
    ),
    (
        "pod label disabled",
        {"labels": {LABEL: "disabled"}},
        {},
        "shop",
        "enabled",
        True,
        "OptedOut",
    ),
    (
        "namespace label disabled",
        {"labels": {LABEL: "enabled"}},
        {},
        "shop",
        "disabled",
        True,
        "OptedOut",
    ),
    (
        "pod label something else than enabled",
        {"labels": {LABEL: "yes"}},
        {},
        "shop",
        "enabled",
        True,
        "InvalidAnnotation",
    ),
    ("pod label enabled", {"labels": {LABEL: "enabled"}}, {}, "shop", None, False, None),
    ("pod label enabled", {"labels": {LABEL: "enabled"}}, {}, "shop", "odd", False, None),
    ("namespace label enabled", {"labels": None}, {}, "shop", "enabled", False, None),
    ("the caller counts every pod as opted in", {}, {}, "shop", None, True, None),
    ("none of these", {}, {}, "shop", None, False, "NotOptedIn"),
    ("none of these", {}, {}, "shop", "true", False, "NotOptedIn"),
]


@pytest.mark.parametrize(
    ("metadata", "spec", "namespace", "label", "opted_in", "expected"),
    [pytest.param(*row[1:], id=f"{n}: {row[0]}") for n, row in enumerate(ROWS)],
)
def test_rows(
    metadata: dict[str, Any],
    spec: dict[str, Any],
    namespace: str,
    label: str | None,
    opted_in: bool,
    expected: str | None,
) -> None:
    """The first row of the table that fits decides."""
    whole = pod(**spec) | {"metadata": metadata}
    labels = {} if label is None else {LABEL: label}
    context = Context(Namespace(namespace, labels), opted_in=opted_in)

    skip = optin.refusal(whole, context, Settings(ignored_namespaces=("sandbox",)))

    assert (skip.reason if skip else None) == (Reason(expected) if expected else None)


def test_same_rows() -> None:
    """The table in the docstring has the rows of the test, with the same outcomes."""
    rows = [(row[0], f"Skip({row[-1]})" if row[-1] else "in") for row in ROWS]

    assert tables.rows(optin) == list(dict.fromkeys(rows))


def test_odd_namespace_label() -> None:
    """Somebody who labelled the namespace with something else is told so."""
    context = Context(Namespace("shop", {LABEL: "true"}))
    skip = optin.refusal(pod(), context, Settings())

    assert skip
    assert 'the namespace\'s label is "true"' in skip.message


@pytest.mark.parametrize("metadata", [None, {}, {"labels": None, "annotations": None}])
def test_nulls(metadata: object) -> None:
    """Absent and null parents are no labels."""
    whole = {"metadata": metadata, "spec": {"containers": [], "os": None, "nodeSelector": None}}

    assert optin.refusal(whole, Context(opted_in=True), Settings()) is None
