"""The shop on a real node: Node.js, Python and Java with agents, Go traced by the node's, no .NET.

Neither .NET nor its agent is to be had without a registry.
"""

import json
import subprocess
import sys

import pytest

from demo.expectation import WITH_GO, missing
from demo.traces import traces_of
from demo.traffic import send
from tests.cluster.client import Object
from tests.cluster.node import Node
from tests.cluster.node.kubelet import NAME
from tests.e2e import shop
from tests.e2e.telemetry import Telemetry
from tests.waiting import until
from webhook.languages import BY_NAME

pytestmark = pytest.mark.e2e

_AGENTS = {"storefront": "nodejs", "cart": "python", "prices": "java"}


def _container(pod: Object, name: str) -> Object:
    (found,) = [one for one in pod["spec"]["containers"] if one["name"] == name]
    return dict(found)


def _asked(service: str, container: str) -> Object:
    (found,) = [
        thing
        for thing in shop.manifests()
        if (thing["kind"], thing["metadata"]["name"]) == ("Deployment", service)
    ]
    return _container(found["spec"]["template"], container)


@pytest.mark.parametrize("port", [shop.DOOR, shop.EDGE], ids=["service", "sidecar"])
def test_one_trace_through_four_languages(node: Node, opened: Telemetry, port: int) -> None:
    """An order goes from Node.js to Python to Java to Go, and its spans arrive as one trace."""
    seen = list(send(port, 2, shop.door(node)))

    assert [visit.status for visit in seen] == [visit.visit.expected for visit in seen]
    until(lambda: not missing(traces_of(opened.spans()), WITH_GO.hops), "one trace", 30)


@pytest.mark.parametrize("service", shop.SERVICES)
def test_spans_say_where_they_come_from(node: Node, opened: Telemetry, service: str) -> None:
    """The pod's own name, uid and node: from variables, or as the node's agent read them."""
    list(send(shop.DOOR, 1, shop.door(node)))
    resources = until(lambda: opened.resources(service), f"spans of {service}")
    pod = shop.pod(node, service)

    expected = {
        "service.name": service,
        "service.version": "1.0.0",
        "k8s.namespace.name": shop.NAMESPACE,
        "k8s.deployment.name": service,
        "k8s.replicaset.name": pod["metadata"]["ownerReferences"][0]["name"],
        "k8s.pod.name": pod["metadata"]["name"],
        "k8s.pod.uid": pod["metadata"]["uid"],
        "k8s.node.name": NAME,
        "k8s.container.name": service,
    }
    for resource in resources:
        assert {key: resource.get(key) for key in expected} == expected


@pytest.mark.usefixtures("opened")
def test_status_says_that_all_is_well(node: Node) -> None:
    """The three replicas serve one certificate, and no pod of the shop was missed."""
    command = [sys.executable, "-m", "console", "status", "--output", "json"]
    asked = subprocess.run(
        [*command, "--kubeconfig", node.kubeconfig], capture_output=True, text=True, check=False
    )

    assert asked.returncode == 0, asked.stdout + asked.stderr
    said = json.loads(asked.stdout)
    assert (said["healthy"], said["findings"]) == (True, [])
    assert len(said["certificates"]["replicas"]) == 3
    (namespace,) = said["namespaces"]
    assert namespace["counts"]["instrumented"] == namespace["counts"]["pods"]


@pytest.mark.parametrize("service", shop.INSTRUMENTED)
def test_an_init_container_brought_the_agent(node: Node, opened: Telemetry, service: str) -> None:
    """It ran once, from our image, before the service that it serves."""
    language = BY_NAME[_AGENTS[service]]
    pod = shop.pod(node, service)

    (status,) = pod["status"]["initContainerStatuses"]
    assert status["name"] == language.agent
    assert status["image"] == language.image
    assert (status["restartCount"], status["state"]["terminated"]["exitCode"]) == (0, 0)
    assert pod["metadata"]["labels"]["spanhook.dev/injected"] == "true"
    assert opened.paths() >= {"/v1/traces"}


def test_go_is_left_to_the_node(node: Node, opened: Telemetry) -> None:
    """The Go pod has the label for the node's agent, and its container is the manifest's."""
    pod = shop.pod(node, "stock")

    assert pod["metadata"]["labels"]["spanhook.dev/ebpf"] == "go"
    assert "spanhook.dev/injected" not in pod["metadata"]["labels"]
    assert "initContainers" not in pod["spec"]
    assert _container(pod, "stock")["env"] == _asked("stock", "stock")["env"]
    assert pod["status"]["containerStatuses"][0]["restartCount"] == 0
    spans = until(lambda: [one for one in opened.spans() if one.service == "stock"], "Go's spans")
    assert {span.kind for span in spans} == {"server"}


def test_a_sidecar_is_left_alone(node: Node, opened: Telemetry) -> None:
    """Of two containers only the service gets variables and a mount."""
    envoy, asked = _container(shop.pod(node, "storefront"), "envoy"), _asked("storefront", "envoy")

    assert [envoy[key] for key in ("command", "volumeMounts")] == [
        asked[key] for key in ("command", "volumeMounts")
    ]
    assert "env" not in envoy
    assert opened.resources("storefront-envoy") == []


def test_all_of_it_passes_restricted_pod_security(node: Node, opened: Telemetry) -> None:
    """The shop's namespace refuses who asks for more, and took every injected pod."""
    greedy = {"name": "greedy", "image": "shop/stock:1.0.0"}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "greedy"}}

    refused = node.create(pod | {"spec": {"containers": [greedy]}}, namespace=shop.NAMESPACE)

    assert refused.status == 403
    assert "restricted" in refused.message
    assert len(opened.spans()) > 0
