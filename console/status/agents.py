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
class NodeAgents:
    """The DaemonSet of the nodes' agents: on how many nodes it should run, and is ready.

    None of both where it is not there or may not be read. `versions` are the tags of its images.
    """

    desired: int | None = None
    ready: int | None = None
    versions: tuple[str, ...] = ()
    silent: tuple[SilentAgent, ...] = ()
    untraced: tuple[Untraced, ...] = ()
