"""The command against real API servers: who may see what."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cluster import Cluster
from tests.cluster.definitions import define
from tests.console.commandline import run
from tests.console.status.test_cluster import pod, status
from tests.waiting import until
from webhook.optin import LABEL


@contextmanager
def account(cluster: Cluster, space: str, role: str, *, everywhere: bool = False) -> Iterator[Path]:
    """The kubeconfig of a service account that has a cluster role, in its namespace or in all."""
    subject = {"kind": "ServiceAccount", "name": "default", "namespace": space}
    kind = "ClusterRoleBinding" if everywhere else "RoleBinding"
    binding = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": kind,
        "metadata": {"name": space, **({} if everywhere else {"namespace": space})},
        "subjects": [subject],
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
    }
    cluster.apply(binding)
    try:
        until(lambda: _may_list_pods(cluster, space), "the binding counts")
        yield cluster.token_kubeconfig("default", space)
    finally:
        cluster.delete(kind, space, space)


def _may_list_pods(cluster: Cluster, space: str) -> bool:
    attributes = {"namespace": space, "verb": "list", "resource": "pods"}
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SubjectAccessReview",
        "metadata": {},
        "spec": {
            "user": f"system:serviceaccount:{space}:default",
            "resourceAttributes": attributes,
        },
    }
    answer = cluster.request("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", review)
    return bool(answer.body["status"]["allowed"])


@pytest.mark.parametrize("named", [True, False], ids=["named", "the context's"])
def test_rights_for_one_namespace(controllers: Cluster, named: bool) -> None:
    """Who may view one namespace sees it, and is told what else there would be."""
    with (  # where a controller fills the cluster role `view`
        controllers.namespace({LABEL: "enabled"}) as space,
        account(controllers, space, "view") as kubeconfig,
    ):
        controllers.create(pod("plain"), namespace=space)
        ran, found = status(kubeconfig, *(["-n", space] if named else []))

    (seen,) = found["namespaces"]
    assert (seen["name"], seen["counts"]["pending"]) == (space, 1)
    assert ran.code == 1
    unread = {one["what"] for one in found["unread"]}
    assert {"the webhook configuration", "the webhook's Deployment", "the settings"} <= unread
    assert ("namespaces" in unread) is not named
    assert all("forbidden" in one["why"] for one in found["unread"])


def test_no_rights(api: Cluster) -> None:
    """Who may read nothing is told so, and asked for -A gets nothing in its place."""
    with api.namespace({LABEL: "enabled"}) as space:
        kubeconfig = api.token_kubeconfig("default", space)
        ran, found = status(kubeconfig, "-A")

    assert ran.code == 1
    assert found["namespaces"] == []
    assert "namespaces" in {one["what"] for one in found["unread"]}


NEEDED = {
    ("", "namespaces"): ["get", "list"],
    ("", "pods"): ["list"],
    ("", "configmaps"): ["get"],
    ("", "events"): ["list"],
    ("apps", "deployments"): ["get"],
    ("apps", "statefulsets"): ["get"],
    ("apps", "daemonsets"): ["get"],
    ("discovery.k8s.io", "endpointslices"): ["list"],
    ("coordination.k8s.io", "leases"): ["get", "list"],
    ("admissionregistration.k8s.io", "mutatingwebhookconfigurations"): ["get"],
    ("spanhook.dev", "imageprofiles"): ["list"],
    ("spanhook.dev", "instrumentedapplications"): ["list"],
}
"""What docs/status.md says is needed."""


@contextmanager
def role(cluster: Cluster, name: str) -> Iterator[None]:
    """A cluster role with the rights that are needed."""
    rules = [
        {"apiGroups": [group], "resources": [resource], "verbs": verbs}
        for (group, resource), verbs in NEEDED.items()
    ]
    version = "rbac.authorization.k8s.io/v1"
    made = {"apiVersion": version, "kind": "ClusterRole", "metadata": {"name": name}}
    cluster.apply({**made, "rules": rules})
    try:
        yield
    finally:
        cluster.delete("ClusterRole", name)


def test_the_rights_that_are_needed(api: Cluster) -> None:
    """With the rights of the documentation, which read only, nothing stays unread."""
    define(api)
    with api.namespace({LABEL: "enabled"}) as space, role(api, space):
        source = {"configMapRef": {"name": "vars", "optional": True}}
        plain, owned = pod("plain"), pod("owned")
        plain["spec"]["containers"][0]["envFrom"] = [source]
        owner = {"apiVersion": "apps/v1", "kind": "DaemonSet", "name": "agent", "uid": "u"}
        owned["metadata"]["ownerReferences"] = [{**owner, "controller": True}]
        for one in (plain, owned):
            assert api.create(one, namespace=space).status == 201
        with account(api, space, space, everywhere=True) as kubeconfig:
            _, found = status(kubeconfig)

    assert found["unread"] == []
    seen = next(one for one in found["namespaces"] if one["name"] == space)
    assert seen["counts"]["pending"] == 2


def test_credentials_that_nobody_knows(api: Cluster, tmp_path: Path) -> None:
    """Wrong credentials are an error in a sentence."""
    with api.namespace() as space:
        good = json.loads(api.token_kubeconfig("default", space).read_text())
    good["users"][0]["user"] = {"token": "nobody's"}
    broken = tmp_path / "kubeconfig"
    broken.write_text(json.dumps(good))

    ran = run("status", "--kubeconfig", str(broken))

    assert ran.code == 1
    assert "Unauthorized" in ran.stderr
    assert ran.stdout == b""
