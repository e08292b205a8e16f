"""How pods are asked for: names, dry runs, users."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.cluster import Client, Cluster
from tests.cluster.admission.pods import LANGUAGES, container, pod
from tests.cluster.admission.twins import Answers, Twins
from tests.cluster.admission.webhook import Webhook
from tests.waiting import until

Json = dict[str, Any]

UNKNOWN = "example.com/odd:1"


@pytest.mark.parametrize("language", LANGUAGES)
def test_ordinary(pair: Twins, language: str) -> None:
    """A pod of each language gets its agent and is else the same."""
    answers = pair.create(pod(container(language=language)), dry_run=False)

    assert answers.accepted
    assert answers.injected
    answers.check()


def test_generate_name(pair: Twins) -> None:
    """A pod that has no name yet when we see it keeps the one that it gets."""
    nameless = pod()
    nameless["metadata"] = {"generateName": "cart-"}
    answers = pair.create(nameless, dry_run=False)

    answers.check()
    assert answers.injected
    metadata = answers.served.body["metadata"]
    assert metadata["generateName"] == "cart-"
    assert metadata["name"].startswith("cart-")
    assert metadata["name"] != "cart-"
    env = {one["name"]: one for one in answers.served.body["spec"]["containers"][0]["env"]}
    assert env["OTEL_SERVICE_NAME"]["value"] == "cart"
    assert env["SPANHOOK_POD_NAME"]["valueFrom"]["fieldRef"]["fieldPath"] == "metadata.name"


def test_dry_run(pair: Twins, ours: Webhook) -> None:
    """A dry run shows the patch and changes nothing; its skips make no Event."""
    injected = pair.create(pod(), dry_run=True)
    unknown = pod({"name": "app", "image": UNKNOWN}, name="dry")
    skipped = pair.create(unknown, dry_run=True)

    assert injected.injected
    assert any("LanguageUnknown" in warning for warning in skipped.served.warnings)
    cluster = pair.cluster
    assert cluster.list("pods", pair.served) == []
    assert '"dry_run":true' in ours.said

    # Events are written one after the other: where this one is, that of the dry run would be.
    real = pod({"name": "app", "image": UNKNOWN}, name="real")
    assert pair.create(real, dry_run=False).served.status == 201
    until(lambda: cluster.list("events", pair.served), "an Event about the pod that was created")
    about = [one["involvedObject"]["name"] for one in cluster.list("events", pair.served)]
    assert about == ["real"]


@contextmanager
def _creator(cluster: Cluster, *spaces: str) -> Iterator[Client]:
    """A user who may create pods in these namespaces, and nothing else."""
    version, user = "rbac.authorization.k8s.io/v1", "creator"
    api = {"apiGroup": "rbac.authorization.k8s.io"}
    rules = [{"apiGroups": [""], "resources": ["pods"], "verbs": ["create"]}]
    for space in spaces:
        metadata = {"name": user, "namespace": space}
        cluster.apply(
            {"apiVersion": version, "kind": "Role", "metadata": metadata, "rules": rules},
            {
                "apiVersion": version,
                "kind": "RoleBinding",
                "metadata": metadata,
                "subjects": [{**api, "kind": "User", "name": user}],
                "roleRef": {**api, "kind": "Role", "name": user},
            },
        )
    client = cluster.as_user(user)

    def may() -> bool:
        answers = [client.create(pod(), dry_run=True, namespace=space) for space in spaces]
        return all(one.status == 201 for one in answers)

    until(may, "the binding counts")
    yield client


def test_a_user_without_rights(pair: Twins, ours: Webhook) -> None:
    """Who may not create a pod is refused before we are asked, in the words of ever."""
    before = ours.calls()
    answers = pair.create(pod(), user=pair.cluster.as_user("nobody"))

    assert (answers.plain.status, answers.served.status) == (403, 403)
    assert _alike(pair, answers)
    assert answers.served.warnings == ()
    assert ours.calls() == before


def test_a_user_whose_pod_is_refused(pairs: Any) -> None:
    """A pod that others refuse is refused with us too, for the same reason."""
    both = pairs({"pod-security.kubernetes.io/enforce": "restricted"})
    with _creator_of_hardened(both) as user:
        answers = both.create(pod(), user=user)

    assert (answers.plain.status, answers.served.status) == (403, 403)
    assert "violates PodSecurity" in answers.plain.message
    assert _alike(both, answers)


@contextmanager
def _creator_of_hardened(both: Twins) -> Iterator[Client]:
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    for space in (both.plain, both.served):
        both.cluster.patch("Namespace", space, {"metadata": {"labels": dict.fromkeys(labels)}})
    with _creator(both.cluster, both.plain, both.served) as user:
        for space in (both.plain, both.served):
            both.cluster.patch("Namespace", space, {"metadata": {"labels": labels}})
        until(lambda: both.create(pod(), user=user).plain.status == 403, "the label counts")
        until(lambda: both.create(pod(), user=user).served.status == 403, "the label counts")
        yield user


def _alike(both: Twins, answers: Answers) -> bool:
    """Whether the refusals say the same, but for the namespaces' names."""
    plain = answers.plain.message.replace(both.plain, "NAMESPACE")
    return plain == answers.served.message.replace(both.served, "NAMESPACE")


def test_nothing_leaks(pair: Twins) -> None:
    """What we read and the user may not is in no answer: ConfigMaps are referred to by key."""
    secret = "-Dpassword=tops3cret"
    data = {"JAVA_TOOL_OPTIONS": secret, "OTEL_RESOURCE_ATTRIBUTES": "team=tops3cret"}
    version = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "vars"}}
    pair.apply({**version, "data": data})
    asked = container(language="java", envFrom=[{"configMapRef": {"name": "vars"}}])
    with _creator(pair.cluster, pair.plain, pair.served) as user:

        def is_known() -> Answers | None:
            """The webhook knows the ConfigMap where it no longer warns of it."""
            answers = pair.create(pod(asked), user=user)
            known = not any("EnvFromUnknown" in one for one in answers.served.warnings)
            return answers if known else None

        answers = until(is_known, "the ConfigMap is known")
        forbidden = user.request("GET", f"/api/v1/namespaces/{pair.served}/configmaps/vars")

    assert forbidden.status == 403
    assert answers.injected
    said = json.dumps(answers.served.body) + json.dumps(answers.served.warnings)
    assert "tops3cret" not in said
    env = {one["name"]: one for one in answers.served.body["spec"]["containers"][0]["env"]}
    assert env["JAVA_TOOL_OPTIONS"]["value"].startswith("$(JAVA_TOOL_OPTIONS) ")
