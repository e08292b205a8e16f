"""The whole agent against a real API server, and processes in real control groups."""

import urllib.error
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.agents.receiver import Receiver, Span, receiving
from tests.cluster import Cluster
from tests.nodeagent.cluster.containers import container
from tests.nodeagent.cluster.node_agents import NodeAgent, pod, running, tell
from tests.nodeagent.machine import require_tracing
from tests.waiting import until

_ENABLED = {"spanhook.dev/instrument": "enabled"}


@pytest.fixture(name="receiver", scope="module")
def fixture_receiver() -> Iterator[Receiver]:
    """Where the agent sends its spans."""
    with receiving() as receiver:
        yield receiver


@pytest.fixture(name="agent", scope="module")
def fixture_agent(api: Cluster, receiver: Receiver) -> Iterator[NodeAgent]:
    """An agent that is ready."""
    require_tracing()
    with running(api.kubeconfig, receiver.endpoint) as agent:
        agent.says("ready on ")
        yield agent


def _span(receiver: Receiver, service: str) -> Span:
    """The one span of a service."""
    (span,) = until(lambda: receiver.spans(service), f"a span of {service}", 60)
    assert span.name == "GET /items/"
    return span


def test_a_pods_process_is_traced(
    api: Cluster, agent: NodeAgent, receiver: Receiver, program: Path
) -> None:
    """Its spans are of the service that admission would name, with the pod's attributes."""
    with api.namespace(_ENABLED) as namespace:
        uid = pod(api, agent.node, namespace, labels={"app.kubernetes.io/name": "one"})
        with container(uid) as group:
            tell(api, namespace, group)
            with group.running(program) as server:
                agent.says(f"{namespace}/cart-0/app: traced: one, Go 1.")
                server.get("/items/7")
                span = _span(receiver, "one")

    expected = {
        "k8s.namespace.name": namespace,
        "k8s.pod.name": "cart-0",
        "k8s.pod.uid": uid,
        "k8s.node.name": agent.node,
        "k8s.container.name": "app",
        "service.namespace": namespace,
        "service.version": "1.2",
        "service.instance.id": f"{namespace}.cart-0.app",
        "process.pid": str(server.pid),
        "process.executable.name": "server",
        "process.runtime.name": "go",
        "telemetry.distro.name": "spanhook",
    }
    assert expected.items() <= span.resource.items()


def test_the_process_itself_has_the_last_word(
    api: Cluster, agent: NodeAgent, receiver: Receiver, program: Path
) -> None:
    """Its own name and attributes win; where it wants no traces it has none."""
    with api.namespace(_ENABLED) as namespace:
        uid = pod(api, agent.node, namespace)
        with container(uid) as group:
            tell(api, namespace, group)
            own = {"OTEL_SERVICE_NAME": "own", "OTEL_RESOURCE_ATTRIBUTES": "k8s.pod.name=mine"}
            with group.running(program, **own) as server:
                agent.says(f"{namespace}/cart-0/app: traced: own, ")
                server.get("/items/7")
                span = _span(receiver, "own")
            with group.running(program, OTEL_SDK_DISABLED="true"):
                agent.says(f"{namespace}/cart-0/app: not traced: OTEL_SDK_DISABLED=true")

    assert span.resource["k8s.pod.name"] == "mine"
    assert span.resource["k8s.pod.uid"] == uid


def test_a_container_that_starts_anew_is_traced(
    api: Cluster, agent: NodeAgent, receiver: Receiver, program: Path
) -> None:
    """Each time, by its new ID: every request from when it is said to be traced."""
    with api.namespace(_ENABLED) as namespace:
        uid = pod(api, agent.node, namespace, labels={"app.kubernetes.io/name": "again"})
        pids: list[str] = []
        for _ in range(2):
            with container(uid) as group, group.running(program) as server:
                tell(api, namespace, group)
                agent.counts(f"{namespace}/cart-0/app: traced: again", len(pids) + 1)
                pids.append(str(server.pid))
                for number in range(23):
                    server.get(f"/items/{number}")
        until(lambda: len(receiver.spans("again")) >= 46, "all spans", 60)

    seen = [span.resource["process.pid"] for span in receiver.spans("again")]
    assert seen == [pids[0]] * 23 + [pids[1]] * 23


def test_opting_in_and_out_need_no_restart(
    api: Cluster, agent: NodeAgent, receiver: Receiver, program: Path
) -> None:
    """A namespace's label counts for what runs in it already, either way."""
    with api.namespace() as namespace:
        uid = pod(api, agent.node, namespace, labels={"app.kubernetes.io/name": "late"})
        with container(uid) as group, group.running(program) as server:
            tell(api, namespace, group)
            until(lambda: agent.metric("processes_traced") == 0, "nothing to be traced")
            assert not any(namespace in line for line in agent.said)

            api.patch("namespaces", namespace, {"metadata": {"labels": _ENABLED}})
            agent.says(f"{namespace}/cart-0/app: traced: late")
            server.get("/items/7")
            _span(receiver, "late")

            labels = {"spanhook.dev/instrument": "disabled"}
            api.patch("namespaces", namespace, {"metadata": {"labels": labels}})
            until(lambda: agent.metric("processes_traced") == 0, "the process to be left")
            until(lambda: agent.metric("binaries_probed") == 0, "its probes to be taken out")


def test_what_is_served(agent: NodeAgent) -> None:
    """Metrics, and whether it is well and ready; nothing else."""
    assert agent.fetch("/healthz") == "ok\n"
    assert agent.fetch("/readyz?verbose") == "ok\n"
    assert agent.metric("tracing") == 1
    assert agent.metric('watch_synced{resource="pods"}') == 1
    assert agent.metric('kernel_events_total{event="lost"}') == 0
    with pytest.raises(urllib.error.HTTPError, match="404"):
        agent.fetch("/debug")
