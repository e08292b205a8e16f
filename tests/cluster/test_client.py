from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.cluster import ApiRefused, Cluster
from tests.waiting import until

POD: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"generateName": "web-"},
    "spec": {"containers": [{"name": "web", "image": "example.test/web:1"}]},
}

SETTINGS = """
apiVersion: v1
kind: ConfigMap
metadata: {{name: one, namespace: {0}}}
data: {{key: first}}
---
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: ConfigMap
  metadata: {{name: two, namespace: {0}}}
"""

WIDGETS = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.tests.spanhook.dev}
spec:
  group: tests.spanhook.dev
  scope: Namespaced
  names: {kind: Widget, plural: widgets, singular: widget, shortNames: [wdg]}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
"""


def config_map(name: str, **data: str) -> dict[str, Any]:
    """A ConfigMap."""
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def test_what_is_created_can_be_got_listed_and_deleted(api: Cluster) -> None:
    """An object makes the round through the API server."""
    with api.namespace() as namespace:
        created = api.create(POD, namespace=namespace)
        name = created.body["metadata"]["name"]
        got = api.get("Pod", name, namespace)
        listed = api.list("pods", namespace)
        deleted = api.delete("po", name, namespace)
        after = api.get("Pod", name, namespace)

    assert created.status == 201
    assert got is not None
    assert got["spec"]["containers"][0]["image"] == "example.test/web:1"
    assert listed == [got]
    assert deleted.status == 200
    assert after is None


def test_everything_is_applied_in_order(api: Cluster, tmp_path: Path) -> None:
    """Texts of many documents, lists, dicts and files are applied, and applied again."""
    with api.namespace() as namespace:
        file = tmp_path / "three.yaml"
        metadata = f"{{name: three, namespace: {namespace}}}"
        file.write_text(f"{{apiVersion: v1, kind: Secret, metadata: {metadata}}}")
        four = config_map("four")
        four["metadata"]["namespace"] = namespace

        applied = api.apply(SETTINGS.format(namespace), file, four)
        again = api.apply(SETTINGS.format(namespace).replace("first", "second"))

    assert [thing["metadata"]["name"] for thing in applied] == ["one", "two", "three", "four"]
    assert again[0]["data"] == {"key": "second"}
    assert again[1] == applied[1]


def test_what_is_refused_says_why(api: Cluster) -> None:
    """Apply raises with the API server's own words, the object's path and the status."""
    broken = config_map("Not_A_Name")

    with pytest.raises(ApiRefused, match=r"configmaps/Not_A_Name: 422 .*RFC 1123") as refused:
        api.apply(broken)

    assert refused.value.response.status == 422


def test_a_new_kind_can_be_used_at_once(api: Cluster) -> None:
    """Objects may follow their own definition, and are listed by every name of their kind."""
    with api.namespace() as namespace:
        widget = {"apiVersion": "tests.spanhook.dev/v1", "kind": "Widget"}
        metadata = {"name": "round", "namespace": namespace}
        api.apply(WIDGETS, widget | {"metadata": metadata})
        names = ("Widget", "widgets", "wdg", "widgets.tests.spanhook.dev")
        listed = [api.list(name, namespace) for name in names]
        api.delete("CustomResourceDefinition", "widgets.tests.spanhook.dev")

    assert [len(found) for found in listed] == [1, 1, 1, 1]
    assert listed[0][0]["kind"] == "Widget"


def test_an_unknown_kind_is_named(api: Cluster) -> None:
    """Kinds that the API server does not have are a fault of the test."""
    with pytest.raises(LookupError, match="the API server has no gadgets"):
        api.list("gadgets")
    with pytest.raises(LookupError, match="the API server has no Pod in apps/v1"):
        api.create({**POD, "apiVersion": "apps/v1"})


def test_a_dry_run_leaves_nothing(api: Cluster) -> None:
    """What is created in dry run gets its defaults and its name, and is not there."""
    with api.namespace() as namespace:
        created = api.create(POD, namespace=namespace, dry_run=True)
        left = api.list("pods", namespace)

    assert created.status == 201
    assert created.body["metadata"]["name"].startswith("web-")
    assert created.body["spec"]["serviceAccountName"] == "default"
    assert left == []


def test_a_list_is_narrowed_by_labels(api: Cluster) -> None:
    """A selector chooses."""
    with api.namespace() as namespace:
        for color in ("red", "blue"):
            thing = config_map(color)
            thing["metadata"]["labels"] = {"color": color}
            api.create(thing, namespace=namespace)

        found = api.list("ConfigMap", namespace, "color=red")

    assert [thing["metadata"]["name"] for thing in found] == ["red"]


def test_objects_are_patched(api: Cluster) -> None:
    """A dict merges, a list is a JSON patch."""
    with api.namespace() as namespace:
        api.create(config_map("settings", a="1", b="2"), namespace=namespace)
        merged = api.patch("ConfigMap", "settings", {"data": {"a": None}}, namespace)
        change = [{"op": "replace", "path": "/data/b", "value": "3"}]
        patched = api.patch("ConfigMap", "settings", change, namespace)

    assert merged.body["data"] == {"b": "2"}
    assert patched.body["data"] == {"b": "3"}


def test_warnings_are_heard(api: Cluster) -> None:
    """What the API server warns of comes with the answer, without its quotes."""
    twice = [{"name": "A", "value": value} for value in "12"]
    container = POD["spec"]["containers"][0] | {"env": twice}
    pod = POD | {"spec": {"containers": [container]}}
    with api.namespace() as namespace:
        answer = api.create(pod, namespace=namespace, dry_run=True)

    (warning,) = answer.warnings
    assert warning.startswith('spec.containers[0].env[1]: hides previous definition of "A"')


def test_rights_are_checked(api: Cluster) -> None:
    """Somebody else may do nothing, until a role says so."""
    with api.namespace() as namespace:
        somebody = api.as_user("somebody", ["developers"])
        before = somebody.create(config_map("one"), namespace=namespace)
        api.apply(
            f"""
            {{apiVersion: rbac.authorization.k8s.io/v1, kind: Role,
              metadata: {{name: writers, namespace: {namespace}}},
              rules: [{{apiGroups: [""], resources: [configmaps], verbs: [create]}}]}}
            """,
            f"""
            {{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding,
              metadata: {{name: writers, namespace: {namespace}}},
              roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: Role, name: writers}},
              subjects: [{{kind: Group, name: developers, apiGroup: rbac.authorization.k8s.io}}]}}
            """,
        )
        until(
            lambda: somebody.create(config_map("one"), namespace=namespace).status == 201,
            "a creation that the role allows",
        )
        with pytest.raises(ApiRefused, match='User "somebody" cannot list'):
            somebody.list("configmaps", namespace)

    assert before.status == 403
    assert 'User "somebody" cannot create resource "configmaps"' in before.message


def test_fifty_threads_create_at_a_time(api: Cluster) -> None:
    """One client serves many threads; every creation arrives once."""
    with api.namespace() as namespace, ThreadPoolExecutor(50) as threads:
        answers = threads.map(
            lambda number: api.create(config_map(f"number-{number}"), namespace=namespace).status,
            range(200),
        )
        statuses = list(answers)
        listed = api.list("configmaps", namespace)

    assert statuses == [201] * 200
    assert {thing["metadata"]["name"] for thing in listed} == {f"number-{n}" for n in range(200)}
