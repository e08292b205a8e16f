"""What nodes allow their agents: read, judged, and shown."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from console.status.agents import Machine, NodeAgents, PropagationPath
from console.status.machines import machine, worst_first
from console.status.model import Container, State, Status, Workload
from console.status.nodes import untraced
from console.status.observed import PATH
from console.status.records import record
from console.status.view import show
from tests.console.status.answering import FakeClient, answers, ask
from tests.console.status.documents import NOW, of_deployment
from tests.console.status.knowledge import counts, known, namespace, said
from tests.console.status.test_pods import injected
from webhook.observed import read

Json = dict[str, Any]

DIGEST = f"sha256:{'a' * 64}"
OFF = "off: not asked for"
LOCKED = "SYS_ADMIN is needed, and a kernel that is not locked down: Operation not permitted"
CHECK = "kubectl exec agent-b -n spanhook-node -- spanhook node-agent --check"
GOLDEN = """\
      agents  ready on 3 of 3 nodes, version 0.1.0

 node    Go programs                             propagation
 node-b  not traced: bcc is missing: install it  –
 node-a  traced                                  off: write: SYS_ADMIN is needed, and a kernel that
                                                 is not locked down: Operation not permitted
 node-c  traced                                  sk-msg
   kubectl exec agent-b -n spanhook-node -- spanhook node-agent --check
 ! On node-b nothing can be traced: bcc is missing: install it. The agent's image is not Spanhook's:
   use that of the manifests.

"""


def told(node: str = "a", days: int = 0, space: str = "spanhook-node", **states: str) -> Json:
    """What the agent of a node wrote so many days ago."""
    seen = f"{NOW - timedelta(days=days):%Y-%m-%d}T00:00:00Z"
    names = {"sk_msg": "propagation/sk-msg", "write": "propagation/write"}
    probes = [{"name": names.get(key, key), "state": state} for key, state in states.items()]
    entry = {"containerName": "node-agent", "digest": DIGEST}
    owner = {"apiVersion": "v1", "kind": "Pod", "name": f"agent-{node}", "uid": "u"}
    return {
        "apiVersion": "spanhook.dev/v1alpha1",
        "kind": "InstrumentedApplication",
        "metadata": {
            "name": f"node-node-{node}",
            "namespace": space,
            "ownerReferences": [owner],
        },
        "spec": {"workload": {"kind": "Node", "name": f"node-{node}"}, "languages": [entry]},
        "status": {"observations": [{**entry, "lastSeen": seen, "probes": probes}]},
    }


THREE = (
    told("c", tracing="on", sk_msg="on", write=f"unavailable: {LOCKED}"),
    told("b", tracing="bcc is missing:\n install it", sk_msg=OFF, write=OFF),
    told("a", tracing="on", sk_msg=OFF, write=f"unavailable: {LOCKED}"),
)


def seen(*objects: Json) -> Status:
    """What is said of an installation that is well, where nodes told this."""
    given = answers(injected(of_deployment("cart")))
    return ask(FakeClient({**given, PATH: {"items": [*objects]}}))


def test_a_node_on_which_nothing_can_be_traced() -> None:
    """The reason in a line, what to do about it, and how to find out more."""
    (found,) = machine(THREE[1], NOW)

    assert (found.node, found.why_not) == ("node-b", "bcc is missing: install it")
    assert found.advice == "The agent's image is not Spanhook's: use that of the manifests."
    assert found.command == CHECK


def test_paths() -> None:
    """Each with its state, and why it is not on."""
    (found,) = machine(THREE[0], NOW)

    assert found == Machine(
        "node-c",
        propagation=(
            PropagationPath("sk-msg", "on", None),
            PropagationPath("write", "unavailable", LOCKED),
        ),
    )


@pytest.mark.parametrize(
    ("why", "advice"),
    [
        ("a uprobe: SYS_ADMIN is needed, or Linux 6.6", "node-agent-sys-admin"),
        ("bpf: Operation not permitted", "Leave the DaemonSet its capabilities"),
        ("ring buffer: Permission denied", "Leave the DaemonSet its capabilities"),
        ("/sys/kernel/btf/vmlinux: No such file or directory", "CONFIG_DEBUG_INFO_BTF"),
        ("no uprobes: /sys/bus: No such file", "CONFIG_UPROBE_EVENTS"),
        ("something else", "docs/install.md"),
    ],
)
def test_what_to_do(why: str, advice: str) -> None:
    """It depends on what lacks."""
    (found,) = machine(told(tracing=why), NOW)

    assert found.advice is not None
    assert advice in found.advice


@pytest.mark.parametrize(
    "thing",
    [
        pytest.param(told(space="shop", tracing="on"), id="of-somebody-else"),
        pytest.param(told(days=3, tracing="on"), id="of-a-node-that-is-gone"),
        pytest.param({**told(), "status": {}}, id="just-being-written"),
    ],
)
def test_what_does_not_count(thing: Json) -> None:
    """Only what the agents wrote lately, in their own namespace."""
    assert list(machine(thing, NOW)) == []


def test_it_is_no_application() -> None:
    """Nothing of a node is a Go container, and the webhook learns no language from it."""
    assert list(untraced(THREE[1])) == []
    assert [one.language for one in read(THREE[1]).values()] == [None]
    assert seen(*THREE).nodes.untraced == ()


def test_the_worst_first() -> None:
    """Nodes without tracing, nodes that do not pass traces on, and the others; by name."""
    found = worst_first(one for thing in THREE for one in machine(thing, NOW))

    assert [one.node for one in found] == ["node-b", "node-a", "node-c"]


def test_shown(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """A row for each node, and for one that cannot trace the line that tells more."""
    show(seen(*THREE))
    text = capsysbinary.readouterr().out.decode()
    section = text.partition("Nodes ─")[2].partition("\n")[2].partition("Pods ─")[0]

    assert [line.rstrip() for line in section.splitlines()] == GOLDEN.splitlines()


def test_as_json() -> None:
    """The same for programs."""
    (first, _, last) = record(seen(*THREE))["nodes"]["machines"]

    assert first["whyNot"] == "bcc is missing: install it"
    assert first["command"] == CHECK
    assert last == {
        "node": "node-c",
        "whyNot": None,
        "advice": None,
        "command": None,
        "propagation": [
            {"path": "sk-msg", "state": "on", "why": None},
            {"path": "write", "state": "unavailable", "why": LOCKED},
        ],
    }


def _blind(*names: str) -> NodeAgents:
    machines = (Machine(name, "bcc is missing.", "Get it.") for name in names)
    return NodeAgents(5, 5, machines=(*machines, Machine("well")))


def test_nodes_are_named() -> None:
    """With the reason and what to do; three of many."""
    found = said(known(nodes=_blind("a", "b", "c", "d", "e")))

    expected = "On a, b, c and 2 more nodes nothing can be traced: bcc is missing. Get it."
    assert found == [("note", expected)]


def test_it_is_a_problem_where_go_runs() -> None:
    """What is left to agents that cannot trace is not traced."""
    go = Container("stock", State.INSTRUMENTED, "go", None, "", 1)
    stock = Workload("Deployment", "stock", counts(instrumented=1), {}, (go,))

    found = said(known((namespace(stock),), nodes=_blind("a")))

    assert found == [("problem", "On a nothing can be traced: bcc is missing. Get it.")]


def test_the_day_counts_in_utc() -> None:
    """What was seen yesterday is not old, whatever our time zone."""
    now = datetime.fromisoformat("2026-11-23T23:30:00-08:00")

    assert [one.node for one in machine(told(tracing="on"), now)] == ["node-a"]
