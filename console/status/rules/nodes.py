"""Rules about the nodes' agents."""

from collections.abc import Iterator

from console.status import documents
from console.status.known import Known, Rule, Said, note, problem
from console.status.model import State
from console.status.wording import count

_NAMED = 3
"""Nodes in one sentence; all of them are listed with what they say."""


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


def _blind(known: Known) -> Iterator[Said]:
    """Nodes where nothing can be traced, by the reason; where nobody runs Go it is no problem."""
    say = problem if _go(known) else note
    nodes: dict[tuple[str, str | None], list[str]] = {}
    for one in known.nodes.machines:
        if one.why_not is not None:
            nodes.setdefault((one.why_not, one.advice), []).append(one.node)
    for (why, advice), names in nodes.items():
        rest = len(names) - _NAMED
        more = f" and {count(rest, 'more node')}" if rest > 0 else ""
        where = f"{', '.join(names[:_NAMED])}{more}"
        yield say(f"On {where} nothing can be traced: {why.rstrip('.')}. {advice or ''}".rstrip())


def _untraced(known: Known) -> Iterator[Said]:
    if known.nodes.untraced:
        number = len(known.nodes.untraced)
        whose = "is" if number == 1 else "are"
        yield note(f"{count(number, 'Go container')} {whose} not traced.")


RULES: tuple[Rule, ...] = (_there, _ready, _blind, _untraced)
