"""The node's agent on a real node, as its DaemonSet runs it."""

import http.client
from typing import Any

import pytest

from demo.traffic import send
from tests.cluster.node import Node
from tests.console.status.test_cluster import status
from tests.e2e import installation, shop
from tests.e2e.telemetry import Telemetry
from tests.waiting import until

pytestmark = pytest.mark.e2e

_PORT = 9464


def _page(node: Node, path: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection(
        installation.agent(node)["status"]["podIP"], _PORT, timeout=10
    )
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def test_it_runs_with_what_the_manifests_give_it(node: Node, opened: Telemetry) -> None:
    """It has not been started anew, traces, and says nothing else of itself."""
    assert opened.paths()
    (status,) = installation.agent(node)["status"]["containerStatuses"]

    assert status["restartCount"] == 0
    assert _page(node, "/readyz") == (200, "ok\n")
    assert _page(node, "/healthz") == (200, "ok\n")


def test_what_it_saw_is_written_down(node: Node, opened: Telemetry) -> None:
    """Language, version and probes of the Go container, with the account's own rights."""
    list(send(shop.DOOR, 1, shop.door(node)))
    assert opened.paths()

    def observed() -> dict[str, str]:
        found = node.get("InstrumentedApplication", "deployment-stock", shop.NAMESPACE) or {}
        entries = found.get("status", {}).get("observations", [])
        return {probe["name"]: probe["state"] for one in entries for probe in one.get("probes", [])}

    probes = until(observed, "what was observed of stock", 60)
    thing = node.get("InstrumentedApplication", "deployment-stock", shop.NAMESPACE)
    assert thing is not None
    assert [one["language"] for one in thing["spec"]["languages"]] == ["go"]
    assert "on" in probes.values()


def test_status_tells_what_the_node_allows(node: Node, opened: Telemetry) -> None:
    """The agent wrote it, with its account's own rights; the paths are those of its metrics."""
    assert opened.paths()

    def machines() -> list[dict[str, Any]]:
        _, found = status(node.kubeconfig)
        return list(found["nodes"]["machines"])

    (machine,) = until(machines, "what the node allows", 60)
    metrics = _page(node, "/metrics")[1]

    assert machine["node"] == installation.agent(node)["spec"]["nodeName"]
    assert machine["whyNot"] is None
    assert machine["propagation"]
    for one in machine["propagation"]:
        labels = f'{{path="{one["path"]}",state="{one["state"]}"}}'
        assert f"spanhook_node_agent_propagation{labels} 1.0" in metrics
