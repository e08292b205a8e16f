"""The annotation `spanhook.dev/status`: what was decided, and what an injection added.

    {"v": 1,
     "containers": [{"name": "app", "decision": "inject", "language": "python", "version": "3.12"},
                    {"name": "proxy", "decision": "skip", "reason": "KnownSidecar"}],
     "pod": {"created": {"spec.volumes": "absent"}, "labels": [...], "agents": ["python"]},
     "added": {"app": {"language": "python", "env": [...], "merged": {...}, "created": {...}}}}

It never holds values of the user's. Taking an injection back reads it as a hint, and checks
everything that it says against the pod.
"""

from collections.abc import Sequence
from typing import Any, Literal, Required, TypedDict

import msgspec

from webhook.model import Decided, Inject, Object

STATUS = "spanhook.dev/status"
CONFIG_HASH = "spanhook.dev/config-hash"
INJECTED = "spanhook.dev/injected"
EBPF = "spanhook.dev/ebpf"

OWN_LABELS = (INJECTED, EBPF)
OWN_ANNOTATIONS = (STATUS, CONFIG_HASH)


class _Entry(TypedDict, total=False):
    name: Required[str]
    decision: str
    reason: str
    language: str
    version: str
    libc: str
    service: str


class _Added(TypedDict, total=False):
    language: Required[str]
    env: list[str]
    merged: dict[str, list[int | str]]
    created: dict[str, str]


class _Status(TypedDict):
    v: Literal[1]
    containers: list[_Entry]
    pod: dict[str, dict[str, str] | list[str]]
    added: dict[str, _Added]


_decode = msgspec.json.Decoder(_Status).decode
_encode = msgspec.json.Encoder().encode


class ContainerRecord(msgspec.Struct, omit_defaults=True):
    """What was added to one container; what is empty is not written."""

    language: str
    env: list[str] = []
    """Names of added variables."""
    merged: dict[str, list[Any]] = {}
    """Merged variable → [characters added before, behind, what `value` was: "value", "absent" or
    "null"], or ["renamed"] for a reference that was renamed."""
    created: dict[str, str] = {}


def read(pod: Object) -> dict[str, Any] | None:
    """The status of a pod as plain JSON; None where there is none, or none that we wrote."""
    annotations = (pod.get("metadata") or {}).get("annotations") or {}
    text = annotations.get(STATUS)
    if text is None:
        return None
    try:
        return dict(_decode(text))
    except (msgspec.DecodeError, TypeError, RecursionError):
        return None


def left_to_node_agent(pod: Object, container: str) -> bool:
    """Whether the pod's marks say that the node agent traces this container: a Go program."""
    if EBPF not in ((pod.get("metadata") or {}).get("labels") or {}):
        return False
    return any(
        (one.get("name"), one.get("language"), one.get("decision")) == (container, "go", "inject")
        for one in (read(pod) or {}).get("containers", ())
    )


def render(
    previous: dict[str, Any] | None,
    decisions: Sequence[Decided],
    pod: dict[str, Any],
    added: dict[str, ContainerRecord],
    services: dict[str, str],
) -> str:
    """The annotation's text; what an earlier round recorded stays.

    `services`: container → service name, for those that the node agent traces.
    """
    earlier = previous or {}
    known = {c["name"]: c for c in earlier.get("containers", ())}
    containers = [
        _entry(d, known.get(d.target.name), services)
        for d in decisions
        if d.target.section == "containers"
        or isinstance(d.decision, Inject)
        or d.target.name in known
    ]
    document = {
        "v": 1,
        "containers": containers,
        "pod": _merged_pod(earlier.get("pod") or {}, pod),
        "added": {**(earlier.get("added") or {}), **added},
    }
    return _encode(document).decode()


def _merged_pod(earlier: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """What the first round created counts: a later round finds it there."""
    return {
        "created": {**now["created"], **earlier.get("created", {})},
        "labels": [*earlier.get("labels", ()), *now["labels"]],
        "agents": [*earlier.get("agents", ()), *now["agents"]],
    }


def _entry(
    decided: Decided, earlier: dict[str, Any] | None, services: dict[str, str]
) -> dict[str, Any]:
    """The first round knew why; a later one only sees that it is done."""
    if earlier and not isinstance(decided.decision, Inject):
        return earlier
    entry = _decision(decided)
    if service := services.get(decided.target.name):
        entry["service"] = service
    return entry


def _decision(decided: Decided) -> dict[str, Any]:
    decision = decided.decision
    entry: dict[str, Any] = {"name": decided.target.name}
    if isinstance(decision, Inject):
        entry["decision"] = "inject"
    else:
        entry |= {"decision": "skip", "reason": decision.reason.value}
    for key in ("language", "version", "libc"):
        if value := getattr(decision, key):
            entry[key] = value
    return entry
