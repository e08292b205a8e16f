from datetime import timedelta
from typing import Any

import pytest

from console.status import documents as read
from console.status.findings import RULES, findings
from console.status.model import Remedy, Severity, Unread
from tests.console.status import documents
from tests.console.status.documents import (
    NAMESPACES,
    PODS,
    authority,
    configuration,
    encoded,
    entry,
    leader,
    leaf,
    lease,
    slices,
)
from tests.console.status.knowledge import OWN, SERVED, known, namespace, said, workload


def _configured(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"configuration": {**configuration(""), "webhooks": [*entries]}}


FINE = encoded(OWN)
BOTH = (
    entry("namespaces.spanhook.dev", NAMESPACES, FINE),
    entry("pods.spanhook.dev", PODS, FINE),
)
OUTSIDE = {"url": "https://192.0.2.1:8443/mutate", "caBundle": FINE}
EXPIRED = authority(timedelta(days=400))
OLD_LEASES = {"items": [lease("a", leaf(OWN, timedelta(days=27)))]}
EXPIRED_LEASES = {"items": [lease("a", leaf(OWN, timedelta(days=31)))]}
OTHER_LEASES = {"items": [lease("a", leaf(OWN)), lease("b", leaf(authority()))]}

CASES: dict[str, tuple[dict[str, Any], str, str]] = {
    "unregistered": ({"configuration": None}, "problem", "no MutatingWebhookConfiguration"),
    "an entry lost": (_configured(BOTH[0]), "problem", "selects opted-in pods of other namespaces"),
    "rules": (
        _configured(BOTH[0], entry("other", PODS, FINE, rules=[])),
        "problem",
        "The rules of other are not for pods",
    ),
    "too wide": (
        _configured(*BOTH, entry("all", {}, FINE)),
        "note",
        "all also selects pods that nobody opted in",
    ),
    "no Deployment": ({"deployment": None}, "problem", "no Deployment spanhook-system/spanhook-w"),
    "outside": (
        {**_configured(*({**one, "clientConfig": OUTSIDE} for one in BOTH)), "deployment": None},
        "note",
        "no Deployment",
    ),
    "one of two": (
        {"deployment": documents.deployment(2, 1)},
        "problem",
        "1 of 2 replicas are ready.",
    ),
    "none, ignored": (
        {"deployment": documents.deployment(2, 0)},
        "problem",
        "0 of 2 replicas are ready: pods are created without",
    ),
    "none, failing": (
        {
            **_configured(*({**one, "failurePolicy": "Fail"} for one in BOTH)),
            "deployment": documents.deployment(2, 0),
        },
        "problem",
        "0 of 2 replicas are ready: pods cannot be created",
    ),
    "scaled down": ({"deployment": documents.deployment(0, 0)}, "problem", "0 of 0 replicas"),
    "rolling": (
        {"deployment": {**documents.deployment(), "status": {"readyReplicas": 2}}},
        "note",
        "0 of 2 replicas have the newest template",
    ),
    "no endpoints": ({"slices": slices(False)}, "problem", "The Service has no ready endpoint"),
    "settings": (
        {"settings": {"data": {"settings.yaml": "samplingRatio: 2"}}},
        "problem",
        "samplingRatio",
    ),
    "version": (
        {"leases": {"items": []}, "deployment": documents.deployment(2, 2, "0.9.9")},
        "note",
        "The webhook is of version 0.9.9",
    ),
    "broken bundle": (
        _configured(BOTH[0], entry("p", PODS, "")),
        "problem",
        "The caBundle of p is empty",
    ),
    "foreign bundle": (
        {"configuration": configuration(encoded(authority()))},
        "problem",
        "lacks the authority of a certificate that is served",
    ),
    "expired authority": (
        {"configuration": configuration(encoded(EXPIRED))},
        "problem",
        "has expired",
    ),
    "expired old authority": (
        {"configuration": configuration(encoded(OWN, EXPIRED))},
        "note",
        "has expired",
    ),
    "expired leaf": ({"leases": EXPIRED_LEASES}, "problem", "a serves a certificate that has exp"),
    "late": ({"leases": OLD_LEASES}, "problem", "should have been renewed"),
    "differing": ({"leases": OTHER_LEASES}, "note", "2 different certificates"),
    "silent": ({"leases": {"items": SERVED[:1]}}, "note", "1 of 2 ready replicas say nothing"),
    "headless": ({"leader": leader("gone")}, "note", "No replica leads"),
}


def test_well() -> None:
    """Nothing is said of what is well."""
    assert said(known()) == []


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_installation(case: tuple[dict[str, Any], str, str]) -> None:
    """Each thing that can be wrong with an installation is said, as a problem or a note."""
    changes, severity, words = case
    found = said(known(**changes))

    assert any(how == severity and words in message for how, message in found), found


def test_not_installed() -> None:
    """Where nothing is there, one sentence says so."""
    found = said(known(configuration=None, deployment=None))

    assert len(found) == 1
    assert "not installed" in found[0][1]


@pytest.mark.parametrize(
    "changes",
    [
        {"deployment": Unread("webhook", read.DEPLOYMENT, "forbidden")},
        {"leases": Unread("certificates", read.LEASES, "forbidden")},
        {"slices": Unread("webhook", read.SLICES, "forbidden")},
        {"settings": Unread("webhook", read.SETTINGS, "forbidden")},
        {"configuration": Unread("webhook", read.CONFIGURATION, "forbidden")},
    ],
)
def test_unread(changes: dict[str, Any]) -> None:
    """What may not be read is not taken for absent."""
    assert not [one for one in said(known(**changes)) if one[0] == "problem"]


def test_unread_deployment_is_not_absent() -> None:
    """Without the right to look, nobody can say that Spanhook is not installed."""
    refused = Unread("webhook", read.DEPLOYMENT, "forbidden")
    found = said(known(configuration=None, deployment=refused))

    assert not any("not installed" in message for _, message in found)


def test_rotation_is_not_late() -> None:
    """While an authority is being replaced, its leaf is not renewed any more."""
    both = configuration(encoded(OWN, authority()))
    found = said(known(configuration=both, leases=OLD_LEASES))

    assert not any("renewed" in message for _, message in found)


def test_others_certificates_are_not_late() -> None:
    """How long somebody else's certificates live is theirs to choose: a short one is no problem."""
    managed = configuration(encoded(OWN))
    managed["metadata"]["annotations"] = {"cert-manager.io/inject-ca-from": "s/c"}
    found = said(known(configuration=managed, leases=OLD_LEASES))

    assert not any("renewed" in message for _, message in found)


def test_order() -> None:
    """Findings come section by section, problems first."""
    wrong = known(
        (namespace(workload(Remedy("line"), pending=1)),),
        deployment=documents.deployment(2, 1, "0.9"),
        leases=OTHER_LEASES,
    )
    found = findings(wrong)
    sections = [name for name, _ in RULES]

    keys = [(sections.index(one.section), one.severity is Severity.NOTE) for one in found]
    assert keys == sorted(keys)
    assert len({one.section for one in found}) == 3


def test_no_rights_at_all() -> None:
    """Who may read nothing does not hear that all is well."""
    refusals: dict[str, Any] = {
        name: Unread("webhook", name, "forbidden")
        for name in ("configuration", "deployment", "slices", "settings", "events", "leases")
    }
    found = findings(known((), **refusals))

    assert any(one.severity is Severity.PROBLEM for one in found)
