"""What nodes allow their agents, as these write it down (webhook.observed.node), and what to do."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from console.status.agents import Machine, PropagationPath
from console.status.documents import metadata
from webhook.model import Object
from webhook.observed.node import KIND, ON, PROPAGATION, TRACING

NAMESPACE = "spanhook-node"
"""Of the agents: what is written elsewhere is not believed."""

_FORGOTTEN = timedelta(days=2)
"""Agents say the day. Where objects do not go with the pods of their nodes, they grow old."""

_CAPABILITIES = (
    "Leave the DaemonSet its capabilities (BPF, PERFMON, SYS_PTRACE, DAC_READ_SEARCH), and let no"
    " seccomp profile forbid bpf and perf_event_open."
)
_ADVICE = (
    ("bcc is missing", "The agent's image is not Spanhook's: use that of the manifests."),
    ("SYS_ADMIN is needed", "Use Linux 6.6 or newer, or the component node-agent-sys-admin."),
    ("no uprobes", "Use a kernel with CONFIG_UPROBE_EVENTS."),
    ("/sys/kernel/btf", "Use a kernel with BTF (CONFIG_DEBUG_INFO_BTF)."),
    ("not permitted", _CAPABILITIES),
    ("permission denied", _CAPABILITIES),
    ("no answer from the compiler", "The node is busy; it is tried again every five minutes."),
)
"""By words of the reason: what to do."""
_ELSE = "docs/install.md says what nodes need."


def machine(application: Object, now: datetime) -> Iterator[Machine]:
    """What an agent told of its node, where the object is of one; it has been checked by `read`."""
    workload, about = application["spec"]["workload"], metadata(application)
    if workload["kind"] != KIND or about["namespace"] != NAMESPACE:
        return
    observations = (application.get("status") or {}).get("observations") or ()
    newest = max(observations, key=lambda one: str(one["lastSeen"]), default=None)
    if newest is None or now - datetime.fromisoformat(newest["lastSeen"]) > _FORGOTTEN:
        return
    states = {one["name"]: " ".join(one["state"].split()) for one in newest.get("probes") or ()}
    why_not = None if states.get(TRACING) == ON else states.get(TRACING) or "it is not said why"
    yield Machine(
        node=workload["name"],
        why_not=why_not,
        advice=_advice(why_not) if why_not else None,
        command=_check(about) if why_not else None,
        propagation=tuple(_paths(states)),
    )


def worst_first(machines: Iterable[Machine]) -> tuple[Machine, ...]:
    """Where nothing can be traced, where traces are not passed on, and the others; by name."""
    return tuple(
        sorted(machines, key=lambda one: (one.why_not is None, bool(in_use(one)), one.node))
    )


def in_use(one: Machine) -> str:
    """The path by which a node's traces are passed on, "" where there is none."""
    return ", ".join(path.path for path in one.propagation if path.state == ON)


def _paths(states: dict[str, str]) -> Iterator[PropagationPath]:
    for name, told in sorted(states.items()):
        if name.startswith(PROPAGATION):
            state, _, why = told.partition(": ")
            yield PropagationPath(name.removeprefix(PROPAGATION), state, why or None)


def _advice(why: str) -> str:
    lower = why.lower()
    return next((advice for words, advice in _ADVICE if words.lower() in lower), _ELSE)


def _check(about: Object) -> str | None:
    """The line that says what a machine lacks: asked of the agent's pod, whose the object is."""
    owners = about.get("ownerReferences") or ()
    pod = next((one["name"] for one in reversed(owners) if one.get("kind") == "Pod"), None)
    return f"kubectl exec {pod} -n {NAMESPACE} -- spanhook node-agent --check" if pod else None
