"""What is known of the node agents. Field names are a promise, as in model.py."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SilentAgent:
    """A node's agent that is not ready: why, and a line for a shell that tells more."""

    node: str
    pod: str
    why: str
    command: str


@dataclass(frozen=True, slots=True)
class Untraced:
    """A Go container of which no probe is on, and why: what was seen of it last."""

    namespace: str
    kind: str
    workload: str
    container: str
    why: str


@dataclass(frozen=True, slots=True)
class PropagationPath:
    """A way of passing traces on: its `state` is on, off or unavailable; `why` it is not on."""

    path: str
    state: str
    why: str | None


@dataclass(frozen=True, slots=True)
class Machine:
    """What a node allows its agent. `why_not` nothing can be traced, None where Go programs can.

    Then `advice` says what to do, and `command` is a line for a shell that tells more.
    """

    node: str
    why_not: str | None = None
    advice: str | None = None
    command: str | None = None
    propagation: tuple[PropagationPath, ...] = ()


@dataclass(frozen=True, slots=True)
class NodeAgents:
    """The DaemonSet of the nodes' agents: on how many nodes it should run, and is ready.

    None of both where it is not there or may not be read. `versions` are the tags of its images.
    `machines` are the nodes of which an agent has told, those without tracing first.
    """

    desired: int | None = None
    ready: int | None = None
    versions: tuple[str, ...] = ()
    silent: tuple[SilentAgent, ...] = ()
    untraced: tuple[Untraced, ...] = ()
    machines: tuple[Machine, ...] = ()
