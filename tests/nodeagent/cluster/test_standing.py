"""What an agent writes of its own node."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest

from console.status.agents import Machine, PropagationPath
from console.status.machines import machine
from kube.client import connect
from nodeagent.cluster.agent import NodeAgent
from nodeagent.cluster.options import Options
from nodeagent.cluster.standing import standing, tell
from nodeagent.cluster.tracing import UNTRIED
from nodeagent.kernel.errors import CompilerError
from nodeagent.observing.application import Owner, Seen, Workload
from nodeagent.observing.document import merged
from nodeagent.propagation.paths import Paths, choose
from nodeagent.propagation.way import SK_MSG, WRITE
from nodeagent.tracing.tracer import Tracer
from tests.cluster import Cluster
from tests.cluster.definitions import define
from tests.nodeagent.cluster.containers import Container
from tests.nodeagent.cluster.node_agents import pod
from tests.nodeagent.cluster.node_agents import tell as started
from tests.waiting import eventually, until

Json = dict[str, Any]

NOW = datetime(2026, 11, 23, 17, 45, tzinfo=UTC)
UID = "2c48913c-b29f-11e7-9350-020968147796"
LACKING = "SYS_ADMIN is needed"


def own_pod(digit: str = "a", **status: Any) -> Json:
    """The agent's pod, running the image of this digest."""
    told = {"name": "node-agent", "imageID": f"ghcr.io/node-agent@sha256:{digit * 64}"}
    return {
        "metadata": {"name": f"agent-{digit}", "namespace": "spanhook-node", "uid": UID},
        "spec": {"containers": [{"name": "node-agent", "args": ["node-agent"]}]},
        "status": {"containerStatuses": [told], **status},
    }


def paths(wish: str = "auto") -> Paths:
    """What became of a wish on a machine that lets nobody write."""
    return choose(wish, lambda way: LACKING if way is WRITE else "")


def told(why_not: str | None = None, digit: str = "a", wish: str = "auto") -> Seen:
    """What is to be written."""
    found = standing(own_pod(digit), "node-1", why_not, paths(wish))
    assert found is not None
    return found


def test_whose_it_is() -> None:
    """An object for the node, which goes with the agent's pod."""
    found = told()

    assert found.workload == Workload("spanhook-node", "Node", "node-1")
    assert found.owner == Owner("v1", "Pod", "agent-a", UID)
    assert (found.container, found.started) == ("node-agent", "")
    assert found.observation.language is None


@pytest.mark.parametrize(
    ("wish", "states"),
    [
        ("off", ["off: not asked for", "off: not asked for"]),
        ("write", ["off: not asked for", f"unavailable: {LACKING}"]),
        ("auto", ["on", f"unavailable: {LACKING}"]),
    ],
)
def test_every_path_has_its_state(wish: str, states: list[str]) -> None:
    """As in the metrics; tracing is told beside them."""
    assert told(wish=wish).observation.probes == {
        "tracing": "on",
        "propagation/sk-msg": states[0],
        "propagation/write": states[1],
    }


def test_why_nothing_is_traced() -> None:
    """In one line."""
    assert told("bcc is missing:\n  install it").observation.probes["tracing"] == (
        "bcc is missing: install it"
    )


@pytest.mark.parametrize(
    ("thing", "why_not"),
    [
        pytest.param(own_pod(), UNTRIED, id="not-tried"),
        pytest.param(own_pod(containerStatuses=[]), None, id="no-digest"),
        pytest.param({**own_pod(), "spec": {}}, None, id="a-pod-that-was-cut"),
    ],
)
def test_nothing_to_write_yet(thing: Json, why_not: str | None) -> None:
    """It is looked again later."""
    assert standing(thing, "node-1", why_not, Paths("auto")) is None


def test_status_reads_what_is_written() -> None:
    """Both sides mean the same."""
    document = merged(None, [told()], NOW)

    assert document["status"]["summary"].startswith("node-agent: spanhook ")
    assert list(machine(document, NOW)) == [
        Machine(
            "node-1",
            propagation=(
                PropagationPath(SK_MSG.name, "on", None),
                PropagationPath(WRITE.name, "unavailable", LACKING),
            ),
        )
    ]


def test_a_new_agent_does_not_keep_what_the_old_one_said() -> None:
    """Of the same day or not: it knows what holds now. Its own words it does not write twice."""
    old = merged(None, [told("bcc is missing")], NOW)

    new = merged(old, [told(digit="b")], NOW)

    assert [one["digest"][-1] for one in new["status"]["observations"]] == ["b"]
    assert [one["name"] for one in new["metadata"]["ownerReferences"]] == ["agent-b"]
    assert merged(new, [told(digit="b")], NOW + timedelta(minutes=1)) == new


def test_it_is_told_once_it_is_known() -> None:
    """And again, for who writes it down may have forgotten it."""
    answers, put = iter([told()]), list[Seen]()

    async def run() -> None:
        task = asyncio.create_task(tell(lambda: next(answers, None), put.append))
        await eventually(lambda: put, "it to be told")
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    asyncio.run(run())

    assert put == [told()]


def _probes(api: Cluster, namespace: str, node: str) -> list[Json]:
    found = api.get("instrumentedapplications", f"node-{node}", namespace) or {}
    observations = found.get("status", {}).get("observations") or [{}]
    return list(observations[0].get("probes") or ())


def _none() -> Tracer:
    raise CompilerError("bcc is missing")


def test_in_a_cluster(api: Cluster) -> None:
    """The object of the node comes to be, and says why nothing is traced."""
    define(api)
    node = f"node-{token_hex(4)}"
    with api.namespace() as namespace:
        uid = pod(api, node, namespace)
        started(api, namespace, Container(uid, Path("/nowhere")))
        options = Options(node, "http://127.0.0.1:1", host="127.0.0.1", port=0, pod=uid)

        async def run() -> None:
            stop = asyncio.Event()
            async with connect(api.kubeconfig) as client:
                agent = NodeAgent(options, lambda _: None, _none)
                running = asyncio.create_task(agent.until(stop, client))
                await asyncio.to_thread(
                    until, lambda: _probes(api, namespace, node), "the node's object", 60
                )
                stop.set()
                await running

        asyncio.run(run())
        assert _probes(api, namespace, node) == [{"name": "tracing", "state": "bcc is missing"}]
