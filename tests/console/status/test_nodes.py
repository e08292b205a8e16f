from typing import Any

import pytest

from console.status.agents import NodeAgents, SilentAgent, Untraced
from console.status.model import Container, State, Workload
from console.status.nodes import silent, untraced
from console.status.observed import PATH
from console.status.view import show
from kube.errors import ApiError
from tests.console.status.answering import FakeClient, answers, ask, forbidden
from tests.console.status.documents import of_deployment
from tests.console.status.knowledge import counts, known, namespace, said
from tests.console.status.test_pods import injected

Json = dict[str, Any]

PODS = "/api/v1/namespaces/spanhook-node/pods"
DIGEST, OLDER = (f"sha256:{digit * 64}" for digit in "ab")
GO = Untraced("shop", "Deployment", "stock", "stock", "bcc is missing")


def agent(name: str = "a", ready: str = "False", **state: Any) -> Json:
    """A pod of the DaemonSet, with the state of its container."""
    status: Json = {"conditions": [{"type": "Ready", "status": ready}]}
    if state:
        status["containerStatuses"] = [{"name": "node-agent", **state}]
    return {
        "metadata": {"name": name, "namespace": "spanhook-node"},
        "spec": {"nodeName": f"node-{name}"},
        "status": status,
    }


def daemon_set(desired: int, ready: int) -> Json:
    """The DaemonSet, with so many nodes."""
    return {"status": {"desiredNumberScheduled": desired, "numberReady": ready}}


def application(*states: str, language: str = "go", **fields: Any) -> Json:
    """What was seen of the one container of a Deployment, its probes in these states."""
    probes = [{"name": f"probe-{n}", "state": state} for n, state in enumerate(states)]
    seen = {"containerName": "stock", "digest": DIGEST, "lastSeen": "2026-11-23T00:00:00Z"}
    return {
        "metadata": {"name": "deployment-stock", "namespace": "shop"},
        "spec": {
            "workload": {"kind": "Deployment", "name": "stock"},
            "languages": [{"containerName": "stock", "digest": DIGEST, "language": language}],
        },
        "status": {"observations": [{**seen, "probes": probes, **fields}]},
    }


def crash(message: str) -> Json:
    """How a container ended, with its last words."""
    return {"terminated": {"exitCode": 1, "message": message}}


@pytest.mark.parametrize(
    ("pod", "why", "verb"),
    [
        pytest.param(
            agent(state={"waiting": {"reason": "ErrImagePull", "message": "no such image"}}),
            "ErrImagePull: no such image",
            "describe pod",
            id="image",
        ),
        pytest.param(
            agent(
                state={"waiting": {"reason": "CrashLoopBackOff"}},
                lastState=crash("starting\nError: no kubeconfig\n\n"),
            ),
            "Error: no kubeconfig",
            "describe pod",
            id="last-words",
        ),
        pytest.param(
            agent(state={"running": {}}, lastState=crash("\n")),
            "it runs and is not ready yet",
            "logs",
            id="running",
        ),
        pytest.param(agent(), "it waits", "describe pod", id="nothing-is-known"),
        pytest.param(
            {
                "metadata": {"name": "a"},
                "status": {
                    "conditions": [
                        {"type": "PodScheduled", "status": "False", "message": "too little memory"}
                    ]
                },
            },
            "too little memory",
            "describe pod",
            id="no-room",
        ),
        pytest.param(
            agent(state=crash("x" * 999)), "x" * 300, "describe pod", id="more-than-a-person-reads"
        ),
    ],
)
def test_an_agent_that_is_not_ready(pod: Json, why: str, verb: str) -> None:
    """What its status says most of, and the line that tells more."""
    found = silent(pod)

    assert found is not None
    assert found.why == why
    assert found.command == f"kubectl {verb} a -n spanhook-node"


def test_an_agent_that_is_ready_is_not_named() -> None:
    """However it came to be."""
    assert silent(agent(ready="True", lastState=crash("once"))) is None


@pytest.mark.parametrize(
    ("thing", "found"),
    [
        pytest.param(application("bcc is missing", "bcc is missing"), [GO], id="none-is-on"),
        pytest.param(application("on", "no such function"), [], id="one-is-on"),
        pytest.param(application(), [], id="nothing-was-said-yet"),
        pytest.param(application("off", language="java"), [], id="not-go"),
        pytest.param({}, [], id="empty"),
    ],
)
def test_go_that_is_not_traced(thing: Json, found: list[Untraced]) -> None:
    """A Go container without a probe, where a reason was written."""
    assert list(untraced(thing)) == found


def test_the_newest_of_a_container_counts() -> None:
    """An image that runs no more is not complained about, nor one that does not yet excuse it."""
    thing = application("bcc is missing")
    older = {"containerName": "stock", "digest": OLDER, "lastSeen": "2026-11-01T00:00:00Z"}
    thing["spec"]["languages"].append({"containerName": "stock", "digest": OLDER, "language": "go"})
    thing["status"]["observations"].append({**older, "probes": [{"name": "p", "state": "on"}]})

    assert list(untraced(thing)) == [GO]


def test_all_is_read_and_shown(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """Counts, agents with their reasons, Go containers by reason; it is not well."""
    waiting: Json = {"state": {"waiting": {"reason": "ErrImagePull"}}}
    client = FakeClient(
        answers(injected(of_deployment("cart")), agents=daemon_set(3, 1))
        | {PODS: {"items": [agent("c", **waiting), agent("b", "True"), agent("a", **waiting)]}}
        | {PATH: {"items": [application("bcc is missing"), application("on")]}}
    )

    found = ask(client)
    show(found)
    text = " ".join(capsysbinary.readouterr().out.decode().split())

    assert (found.nodes.desired, found.nodes.ready) == (3, 1)
    assert [one.node for one in found.nodes.silent] == ["node-a", "node-c"]
    assert found.nodes.untraced == (GO,)
    assert not found.healthy
    assert "agents ready on 1 of 3 nodes" in text
    assert "node-a a ErrImagePull" in text
    assert "kubectl describe pod a -n spanhook-node" in text
    assert "1 stock of Deployment stock in shop bcc is missing" in text
    assert "✗ On 2 of 3 nodes the agent is not ready" in text
    assert "! 1 Go container is not traced." in text


def test_namespaces_that_were_asked_for() -> None:
    """What is not traced elsewhere is not told."""
    client = FakeClient(answers() | {PATH: {"items": [application("bcc is missing")]}})
    client.answers["/api/v1/namespaces/bank"] = {"metadata": {"name": "bank"}}
    client.answers["/api/v1/namespaces/bank/pods"] = {"items": []}

    assert ask(client, "bank").nodes.untraced == ()
    assert ask(client, "shop").nodes.untraced == (GO,)


def test_no_daemon_set() -> None:
    """Where there is none, and nothing for it to do, nothing is said."""
    found = ask(FakeClient(answers(agents=ApiError(404, "NotFound", "not found"))))

    assert (found.nodes.desired, found.nodes.ready) == (None, None)
    assert found.healthy


@pytest.mark.parametrize("what", ["agents", "their pods"])
def test_what_may_not_be_read(what: str) -> None:
    """The refusal is told, and nothing is made up."""
    agents = forbidden() if what == "agents" else daemon_set(2, 1)
    client = FakeClient(answers(agents=agents) | {PODS: forbidden()})

    found = ask(client)

    (unread,) = found.unread
    assert unread.section == "nodes"
    assert found.nodes.silent == ()
    assert found.nodes.ready == (None if what == "agents" else 1)


def test_many_agents_are_shown_in_part(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """Ten, and how many more there are."""
    pods = [agent(f"{number:02}") for number in range(12)]
    client = FakeClient(answers(agents=daemon_set(12, 0)) | {PODS: {"items": pods}})

    show(ask(client))

    text = capsysbinary.readouterr().out.decode()
    assert "node-09" in text
    assert "node-10" not in text
    assert "and 2 nodes more: -o json has them" in text


@pytest.mark.parametrize(
    ("nodes", "reason"),
    [
        (NodeAgents(), "there is no DaemonSet spanhook-node/spanhook-node-agent"),
        (NodeAgents(0, 0), "no node fits its selector (linux, amd64)"),
        (NodeAgents(1, 1), None),
    ],
)
def test_go_that_nobody_would_trace(nodes: NodeAgents, reason: str | None) -> None:
    """Containers that are left to agents, and no agent to take them."""
    go = Container("stock", State.INSTRUMENTED, "go", None, "", 1)
    stock = Workload("Deployment", "stock", counts(instrumented=1), {}, (go,))
    found = said(known((namespace(stock),), nodes=nodes))

    expected = f"1 Go workload is left to the node agent, and {reason}."
    assert found == ([("problem", expected)] if reason else [])


def test_agents_and_their_silence() -> None:
    """A silent agent is a problem; a container that cannot be traced is a note."""
    quiet = SilentAgent("n", "p", "w", "c")
    found = said(known(nodes=NodeAgents(1, 0, (), (quiet,), (GO, GO))))

    assert [severity for severity, _ in found] == ["problem", "note"]
    assert found[1][1] == "2 Go containers are not traced."
