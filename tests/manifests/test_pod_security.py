from collections.abc import Iterator

import pytest

from tests.cluster import Cluster
from tests.cluster.furnishing import furnish
from tests.manifests.installation import NAMESPACES, VARIANTS, Object, find, installed, rendered

SYSTEM, NODE = NAMESPACES


@pytest.fixture(scope="module", autouse=True)
def base(api: Cluster) -> Iterator[None]:
    """Both namespaces, with what accounts and classes pods need."""
    with installed(api, "base", "--server-side"):
        yield


def pod(template: Object) -> Object:
    """The pod that a controller makes of a template."""
    metadata = template["metadata"] | {"generateName": "spanhook-webhook-"}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]}


def changed(thing: Object, **spec: object) -> Object:
    """The same pod with other fields in its specification."""
    return thing | {"spec": thing["spec"] | spec}


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_webhooks_pods_are_restricted(api: Cluster, variant: str) -> None:
    """They start where restricted Pod Security is enforced, without a warning."""
    template = find(rendered(api, variant), "Deployment")["spec"]["template"]
    answer = api.create(pod(template), namespace=SYSTEM, dry_run=True)

    assert answer.status == 201, answer.message
    assert answer.warnings == ()
    assert answer.body["spec"]["priority"] == 1_000_000_000


def test_other_pods_do_not_start_beside_the_webhook(api: Cluster) -> None:
    """The namespace's labels count: who wants the node's network is refused."""
    template = find(rendered(api, "base"), "Deployment")["spec"]["template"]
    answer = api.create(changed(pod(template), hostNetwork=True), namespace=SYSTEM, dry_run=True)

    assert answer.status == 403
    assert 'violates PodSecurity "restricted:latest": host namespaces' in answer.message


@pytest.mark.parametrize("variant", VARIANTS)
def test_what_runs_on_nodes_may_look_into_them(api: Cluster, variant: str) -> None:
    """The second namespace takes the pod that sees the node's processes; the first would not."""
    template = find(rendered(api, variant), "DaemonSet", "spanhook-node-agent")["spec"]["template"]
    agent = pod(template)
    furnish(api, {"kind": "Namespace", "metadata": {"name": NODE}}, controllers=False)
    answer = api.create(agent, namespace=NODE, dry_run=True)
    elsewhere = changed(agent, serviceAccountName="spanhook-webhook")
    refused = api.create(elsewhere, namespace=SYSTEM, dry_run=True)

    assert (answer.status, answer.warnings) == (201, ()), answer.message
    assert answer.body["spec"]["priority"] == 900_000_000
    assert refused.status == 403
    assert "hostPID" in refused.message
