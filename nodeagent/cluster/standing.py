"""What this node allows, written down for who asks how the installation is (`spanhook status`)."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from nodeagent.cluster.tracing import UNTRIED
from nodeagent.observing.application import Owner, Seen, Workload, seen
from nodeagent.observing.observation import Observation
from nodeagent.propagation.paths import Paths
from webhook.model import Object
from webhook.observed.node import KIND, ON, PROPAGATION, TRACING
from webhook.settings import VERSION

_EVERY = 10.0
"""Seconds between two looks. Who is told writes only what is new."""


async def tell(look: Callable[[], Seen | None], put: Callable[[Seen], None]) -> None:
    """Pass on what there is to be written, now and again; never returns."""
    while True:
        if (found := look()) is not None:
            put(found)
        await asyncio.sleep(_EVERY)


def standing(pod: Object, node: str, why_not: str | None, paths: Paths) -> Seen | None:
    """What is to be written of a node, where `pod` is that of its agent: it goes with that.

    `why_not` nothing is traced, None where it is. None before tracing was tried, and while the
    pod's status does not tell the image's digest.
    """
    metadata, containers = pod["metadata"], pod["spec"].get("containers")
    if why_not == UNTRIED or not containers:
        return None
    found = seen(pod, containers[0]["name"], _observation(why_not, paths))
    if found is None:
        return None
    workload = Workload(metadata["namespace"], KIND, node)
    owner = Owner("v1", "Pod", metadata["name"], metadata["uid"])
    return replace(found, workload=workload, started="", owner=owner)


def _observation(why_not: str | None, paths: Paths) -> Observation:
    states = {TRACING: ON if why_not is None else " ".join(why_not.split())}
    for path in paths.states:
        why = f": {path.why}" if path.why else ""
        states[f"{PROPAGATION}{path.way}"] = f"{path.state}{why}"
    return Observation(version=VERSION, process_name="spanhook", probes=states)
