import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cluster import Cluster, cluster
from tests.cluster.test_client import POD, config_map
from tests.cluster.transport import Transport
from tests.waiting import until


def limited(name: str, **hard: str) -> dict[str, Any]:
    """A quota."""
    metadata = {"name": name}
    return {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": metadata,
        "spec": {"hard": hard},
    }


def refusal(cluster: Cluster, namespace: str) -> str:
    """Why a pod is refused in the namespace; empty where it is not."""
    return cluster.create(POD, namespace=namespace, dry_run=True).message


def test_a_namespace_is_labelled_and_furnished(api: Cluster) -> None:
    """A test's namespace has its labels and annotations, and pods can be created in it."""
    with api.namespace({"team": "shop"}, {"note": "a: b"}) as name:
        namespace = api.get("Namespace", name)
        account = api.get("ServiceAccount", "default", name)

    assert namespace is not None
    assert namespace["metadata"]["labels"] == {"kubernetes.io/metadata.name": name, "team": "shop"}
    assert namespace["metadata"]["annotations"] == {"note": "a: b"}
    assert account is not None


def test_applied_namespaces_are_furnished(api: Cluster) -> None:
    """A namespace that comes from a manifest is as good as one from `namespace()`."""
    api.apply("{apiVersion: v1, kind: Namespace, metadata: {name: test-applied}}")
    try:
        assert api.create(POD, namespace="test-applied").status == 201
    finally:
        api.remove_namespace("test-applied")


def test_nothing_is_left_of_a_namespace(api: Cluster) -> None:
    """With the block everything in the namespace goes, pods too, and its name is free again."""
    with api.namespace() as name:
        api.create(config_map("one"), namespace=name)
        api.create(POD, namespace=name)

    assert api.get("Namespace", name) is None
    kinds = ("pods", "configmaps", "serviceaccounts")
    left = [thing for kind in kinds for thing in api.list(kind)]
    assert [thing for thing in left if thing["metadata"]["namespace"] == name] == []
    with api.namespace(name=name) as again:
        assert api.list("configmaps", again) == []


def test_a_token_has_its_accounts_rights_and_no_other(api: Cluster) -> None:
    """The kubeconfig of a service account is that account."""
    with api.namespace() as namespace:
        config = json.loads(api.token_kubeconfig("default", namespace).read_text())
        bearer = [("Authorization", f"Bearer {config['users'][0]['user']['token']}")]
        authority = api.plane.authority.files.certificate
        transport = Transport.create(config["clusters"][0]["cluster"]["server"], authority)
        path = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
        review = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
        who = transport.request("POST", path, review, headers=bearer)
        pods = f"/api/v1/namespaces/{namespace}/pods"
        refused = transport.request("GET", pods, headers=bearer)
        stranger = transport.request("GET", pods)
        transport.close()

    expected = f"system:serviceaccount:{namespace}:default"
    assert who.body["status"]["userInfo"]["username"] == expected
    assert config["contexts"][0]["context"]["namespace"] == namespace
    assert (refused.status, expected in refused.message) == (403, True)
    assert "system:anonymous" in stranger.message


@pytest.mark.parametrize("how", ["create", "apply"])
def test_quotas_count(api: Cluster, how: str) -> None:
    """A quota refuses what is too much, once the API server has noticed it."""
    with api.namespace() as namespace:
        quota = limited("one-pod", pods="1")
        quota["metadata"]["namespace"] = namespace
        getattr(api, how)(quota)
        refused = until(lambda: api.create(POD, namespace=namespace).message, "a pod too many")
        pods = api.list("pods", namespace)

    assert pods != []
    assert "exceeded quota: one-pod, requested: pods=1, used: pods=1" in refused


def test_pod_security_is_enforced(api: Cluster) -> None:
    """A restricted namespace refuses a pod that is not, and says all that is missing."""
    with api.namespace({"pod-security.kubernetes.io/enforce": "restricted"}) as namespace:
        answer = api.create(POD, namespace=namespace, dry_run=True)

    assert answer.status == 403
    assert 'violates PodSecurity "restricted:latest"' in answer.message


def test_metrics_are_summed_by_labels(api: Cluster) -> None:
    """A counter of the API server is read over all its series that have the labels."""

    def posts(**labels: str) -> float:
        return api.metric("apiserver_request_total", resource="configmaps", verb="POST", **labels)

    with api.namespace() as namespace:
        before, created = posts(), posts(code="201")
        api.create(config_map("one"), namespace=namespace)
        api.create(config_map("one"), namespace=namespace)

        assert posts() == before + 2
        assert posts(code="201") == created + 1
    assert api.metric("apiserver_no_such_metric") == 0


def test_kubectl_is_the_administrator(api: Cluster) -> None:
    """Kubectl applies what comes from its input."""
    with api.namespace() as namespace:
        text = json.dumps(config_map("one", key="value"))
        applied = api.kubectl("apply", "--namespace", namespace, "--filename=-", stdin=text)
        found = api.get("ConfigMap", "one", namespace)

    assert applied.stdout == "configmap/one created\n"
    assert found is not None
    assert found["data"] == {"key": "value"}


@pytest.fixture(scope="module")
def own(api: Cluster) -> Iterator[Cluster]:
    """A cluster that may be stopped: nobody else uses it."""
    assert api.url  # where the shared one is skipped, so is this one
    with cluster() as running:
        yield running


def test_the_api_server_restarts_where_it_was(own: Cluster) -> None:
    """A restarted API server is another process at the same address, with the same data."""
    with own.namespace() as namespace:
        own.create(config_map("one"), namespace=namespace)
        before = own.api_server_pid
        own.restart_api_server()
        after = own.api_server_pid
        found = own.get("ConfigMap", "one", namespace)

    assert found is not None
    assert after != before


def test_a_stopped_api_server_does_not_answer(own: Cluster) -> None:
    """While it is stopped calls are refused; when it is back, the client goes on."""
    own.stop_api_server(seconds=0)
    with pytest.raises(ConnectionRefusedError):
        own.list("nodes")
    with pytest.raises(LookupError, match="kube-apiserver does not run"):
        _ = own.api_server_pid
    own.start_api_server()

    assert own.list("nodes") == []


def test_a_held_process_goes_on_afterwards(own: Cluster) -> None:
    """Etcd that is held keeps the API server waiting; released, it answers what was asked."""
    status = Path(f"/proc/{own.processes['etcd'].pid}/status")

    def state() -> str:
        lines = status.read_text().splitlines()
        return next(line.split()[1] for line in lines if line.startswith("State:"))

    with own.processes["etcd"].held():
        until(lambda: state() == "T", "a stopped etcd")
    until(lambda: state() != "T", "a running etcd")

    assert own.create(config_map("one"), dry_run=False).status == 201
