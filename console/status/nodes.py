"""The node agents: their DaemonSet, those of its pods that are not ready, and what is not traced.

Why a node's agent traces nothing stands in two places: in its pod's status where it does not run,
and with what it saw run (InstrumentedApplications) where it runs and its machine does not let it.
"""

from collections.abc import Iterator
from dataclasses import replace

from console.status import documents
from console.status.agents import NodeAgents, SilentAgent, Untraced
from console.status.documents import found, metadata
from console.status.machines import NAMESPACE
from console.status.model import Unread
from console.status.requests import pages, read, refused
from console.status.service import versions
from kube.client import Client
from kube.errors import ApiError, Unreachable
from kube.paths import path
from webhook.model import Object
from webhook.observed.node import ON

NAME = "spanhook-node-agent"

_SELECTOR = f"app.kubernetes.io/name={NAME}"
_GO = "go"
_LONGEST = 300
"""Characters of a reason: a container's last words may be its whole log."""


async def gather(client: Client, told: NodeAgents) -> tuple[NodeAgents, tuple[Unread, ...]]:
    """What is known of them, and what could not be read. `told`: by those that run.

    Raises Unreachable, and ApiError for credentials that nobody knows.
    """
    at = path("apps/v1", "daemonsets", namespace=NAMESPACE, name=NAME)
    answer = await read(client, "nodes", documents.DAEMON_SET, at)
    live = found(answer)
    if live is None:
        unread = (answer,) if isinstance(answer, Unread) else ()
        return told, unread
    status = live.get("status") or {}
    desired, ready = (status.get(key) or 0 for key in ("desiredNumberScheduled", "numberReady"))
    tags = versions(live.get("spec") or {})
    known = replace(told, desired=desired, ready=ready, versions=tags)
    if ready >= desired:
        return known, ()
    quiet, not_read = await _quiet(client)
    return replace(known, silent=quiet), not_read


async def _quiet(client: Client) -> tuple[tuple[SilentAgent, ...], tuple[Unread, ...]]:
    quiet: list[SilentAgent] = []
    try:
        async for page in pages(
            client, path("v1", "pods", namespace=NAMESPACE), labelSelector=_SELECTOR
        ):
            quiet += (one for pod in page if (one := silent(pod)) is not None)
    except (ApiError, Unreachable) as error:
        return (), (refused("nodes", documents.AGENTS, error),)
    return tuple(sorted(quiet, key=lambda one: one.node)), ()


def silent(pod: Object) -> SilentAgent | None:
    """An agent's pod that is not ready; None where it is."""
    status, name = pod.get("status") or {}, str(metadata(pod).get("name", ""))
    conditions = {one.get("type"): one for one in status.get("conditions") or ()}
    if conditions.get("Ready", {}).get("status") == "True":
        return None
    (state,) = [*(status.get("containerStatuses") or ())[:1]] or [{}]
    why = next(_reasons(conditions, state))
    verb = "logs" if "running" in (state.get("state") or {}) else "describe pod"
    node = str((pod.get("spec") or {}).get("nodeName") or "")
    return SilentAgent(node, name, why, f"kubectl {verb} {name} -n {NAMESPACE}")


def _reasons(conditions: Object, state: Object) -> Iterator[str]:
    """From the one that says most to the one that is always there."""
    for ended in ((state.get("state") or {}), (state.get("lastState") or {})):
        words = (ended.get("terminated") or {}).get("message") or ""
        if lines := [line.strip() for line in words.splitlines() if line.strip()]:
            yield lines[-1][:_LONGEST]
    waiting = (state.get("state") or {}).get("waiting") or {}
    if waiting.get("reason"):
        yield ": ".join(filter(None, (waiting["reason"], waiting.get("message"))))[:_LONGEST]
    scheduled = conditions.get("PodScheduled") or {}
    if scheduled.get("status") == "False" and scheduled.get("message"):
        yield str(scheduled["message"])[:_LONGEST]
    yield "it runs and is not ready yet" if "running" in (state.get("state") or {}) else "it waits"


def untraced(application: Object) -> Iterator[Untraced]:
    """The Go containers of a workload that were seen without a probe: the newest of each name."""
    spec, status = application.get("spec") or {}, application.get("status") or {}
    workload = spec.get("workload") or {}
    go = {
        (one.get("containerName"), one.get("digest"))
        for one in spec.get("languages") or ()
        if one.get("language") == _GO
    }
    newest: dict[str, Object] = {}
    for one in sorted(status.get("observations") or (), key=lambda one: str(one.get("lastSeen"))):
        newest[str(one.get("containerName"))] = one
    for name, one in sorted(newest.items()):
        states = [str(probe.get("state")) for probe in one.get("probes") or ()]
        if (one.get("containerName"), one.get("digest")) in go and states and ON not in states:
            yield Untraced(
                str(metadata(application).get("namespace", "")),
                str(workload.get("kind", "")),
                str(workload.get("name", "")),
                name,
                states[0][:_LONGEST],
            )
