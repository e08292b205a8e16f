"""Rules about the nodes' agents."""

from collections.abc import Iterator

from console.status import documents
from console.status.known import Known, Rule, Said, note, problem
from console.status.model import State
from console.status.wording import count


def _go(known: Known) -> int:
    """How many workloads have containers that are left to the agents."""
    return sum(
        any(one.language == "go" and one.state is State.INSTRUMENTED for one in workload.containers)
        for namespace in known.namespaces
        for workload in namespace.workloads
    )


def _there(known: Known) -> Iterator[Said]:
    number = _go(known)
    if not number or known.nodes.desired or not known.was_read(documents.DAEMON_SET):
        return
    why = (
        "there is no DaemonSet spanhook-node/spanhook-node-agent"
        if known.nodes.desired is None
        else "no node fits its selector (linux, amd64)"
    )
    whose = "is" if number == 1 else "are"
    yield problem(f"{count(number, 'Go workload')} {whose} left to the node agent, and {why}.")


def _ready(known: Known) -> Iterator[Said]:
    desired, ready = known.nodes.desired or 0, known.nodes.ready or 0
    if ready < desired:
        yield problem(
            f"On {desired - ready} of {count(desired, 'node')} the agent is not ready: Go programs"
            " there are not traced."
        )


def _untraced(known: Known) -> Iterator[Said]:
    if known.nodes.untraced:
        number = len(known.nodes.untraced)
        whose = "is" if number == 1 else "are"
        yield note(f"{count(number, 'Go container')} {whose} not traced.")


RULES: tuple[Rule, ...] = (_there, _ready, _untraced)
