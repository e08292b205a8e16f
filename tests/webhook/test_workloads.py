from typing import Any

import pytest

from webhook.model import Owner
from webhook.workloads import WORKLOADS, Workload, group_kind, objects, templates

POD: dict[str, Any] = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": []}}


def written(workload: Workload) -> dict[str, Any]:
    """A document of a kind with POD where its pod belongs."""
    version = f"{workload.group}/v1" if workload.group else "v1"
    document: dict[str, Any] = {"apiVersion": version, "kind": workload.kind}
    inner = document
    for key in workload.path[:-1]:
        inner = inner.setdefault(key, {})
    if workload.path:
        inner[workload.path[-1]] = POD
    else:
        inner.update(POD)
    document["metadata"] = {"name": "web", "namespace": "shop"}
    return document


@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda one: one.kind)
def test_every_kind_leads_to_its_pod(workload: Workload) -> None:
    """The path of each kind is found in its document, and the pointer is the same path."""
    document = written(workload)

    (found,) = templates(document)

    assert (found.kind, found.name, found.namespace) == (workload.kind, "web", "shop")
    assert found.pod["spec"] is POD["spec"]
    assert found.pointer == "".join(f"/{key}" for key in workload.path)


@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda one: one.kind)
def test_every_kind_passes_without_its_pod(workload: Workload) -> None:
    """A workload without a template, or with one that is no object, has no pod and no error."""
    if not workload.path:
        return
    document = written(workload)
    holder = document
    for key in workload.path[:-1]:
        holder = holder[key]

    others: tuple[object, ...] = (None, "text", [])
    for other in others:
        holder[workload.path[-1]] = other
        assert templates(document) == ()
    document["spec"] = None
    document["template"] = 1
    assert templates(document) == ()


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("Deployment", Owner("Deployment", "web")),
        ("Job", Owner("Job", "web", job="web")),
        ("CronJob", Owner("CronJob", "web")),
        ("ReplicaSet", Owner("ReplicaSet", "web", replica_set="web")),
        ("Rollout", Owner("Rollout", "web")),
        ("Pod", None),
        ("PodTemplate", None),
    ],
)
def test_owner(kind: str, expected: Owner | None) -> None:
    """The workload owns its pods under the name that a person gives it."""
    workload = next(one for one in WORKLOADS if one.kind == kind)

    assert [one.owner for one in templates(written(workload))] == [expected]


@pytest.mark.parametrize(
    ("metadata", "name", "owner"),
    [
        ({"generateName": "report-"}, "report-", Owner("Deployment", "report")),
        ({}, "", None),
        (None, "", None),
        ("text", "", None),
    ],
)
def test_names(metadata: object, name: str, owner: Owner | None) -> None:
    """A name that the API server will complete counts without its dash; none is no owner."""
    document = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata,
        "spec": {"template": POD},
    }

    (found,) = templates(document)

    assert (found.name, found.owner) == (name, owner)


@pytest.mark.parametrize(
    ("references", "owner"),
    [
        ([{"kind": "StatefulSet", "name": "db", "controller": True}], Owner("StatefulSet", "db")),
        ([], None),
        ("text", None),
        (["text"], None),
    ],
)
def test_owner_of_a_pod(references: object, owner: Owner | None) -> None:
    """A bare pod belongs to whom its references name; references of the wrong shape name nobody."""
    pod = {**POD, "apiVersion": "v1", "kind": "Pod", "metadata": {"ownerReferences": references}}

    assert [one.owner for one in templates(pod)] == [owner]


def test_lists_are_looked_into() -> None:
    """Lists, typed lists and lists in lists give every pod with its path."""
    deployment, job = (
        written(next(one for one in WORKLOADS if one.kind == kind))
        for kind in ("Deployment", "Job")
    )
    inner = {"apiVersion": "apps/v1", "kind": "DeploymentList", "items": [deployment]}
    document = {"apiVersion": "v1", "kind": "List", "items": [job, {"kind": "Service"}, inner, 3]}

    assert [one.pointer for one in templates(document)] == [
        "/items/0/spec/template",
        "/items/2/items/0/spec/template",
    ]
    assert len(list(objects(document))) == 3


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        "text",
        {},
        {"kind": "Service", "apiVersion": "v1"},
        {"kind": "Deployment", "apiVersion": "example.com/v1", "spec": {"template": POD}},
        {"kind": "Deployment", "apiVersion": 1, "spec": {"template": POD}},
        {"kind": ["Pod"], "apiVersion": "v1"},
        {"kind": "List", "apiVersion": "v1"},
        {"kind": "List", "apiVersion": "v1", "items": None},
        {
            "kind": "Rollout",
            "apiVersion": "argoproj.io/v1alpha1",
            "spec": {"workloadRef": {"kind": "Deployment", "name": "web"}},
        },
    ],
)
def test_what_makes_no_pods_passes_through(document: object) -> None:
    """Unknown kinds, kinds of other groups, references and what is no object have no pods."""
    assert templates(document) == ()


@pytest.mark.parametrize(
    ("version", "expected"),
    [("v1", ""), ("apps/v1", "apps"), ("argoproj.io/v1alpha1", "argoproj.io"), (None, "")],
)
def test_group(version: object, expected: str) -> None:
    """The group is what stands before the version; the core group has no name."""
    assert group_kind({"apiVersion": version, "kind": "X"}) == (expected, "X")
