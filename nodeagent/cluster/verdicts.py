"""What is done with the processes of a pod's containers: the webhook's rules, asked once more.

Admission decided when the pod was created, and may not have been able to tell what an image runs;
a process can be looked at. What the webhook's core says now, without knowing any image:

    of the container                                             its processes are
    -----------------------------------------------------------  ----------------------------------
    the pod is not opted in, opted out, a system's, a mirror     left alone
    opted out, a known sidecar, an init container, not parsed    left alone
    Go, or it cannot be told                                     traced if they are Go's; observed
    another language, another agent                              observed
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nodeagent.cluster.identity import attributes
from webhook import annotations, owner, status
from webhook.annotations import Wishes
from webhook.identity import identify
from webhook.languages.go import GO
from webhook.model import Context, Decided, Facts, Inject, Namespace, Object, Target
from webhook.mutate import mutate
from webhook.reasons import Reason
from webhook.settings import Settings
from webhook.structure import injected_language

_ALONE = frozenset(
    {
        *(Reason.NOT_OPTED_IN, Reason.OPTED_OUT, Reason.SYSTEM_NAMESPACE, Reason.MIRROR_POD),
        *(Reason.WINDOWS_POD, Reason.KNOWN_SIDECAR, Reason.INIT_CONTAINER),
        *(Reason.INVALID_ANNOTATION, Reason.INTERNAL_ERROR),
    }
)
_OPEN = frozenset(
    {
        *(Reason.LANGUAGE_UNKNOWN, Reason.LANGUAGE_UNSUPPORTED, Reason.AMBIGUOUS),
        *(Reason.VERSION_UNKNOWN, Reason.IMAGE_PENDING, Reason.IMAGE_UNREACHABLE),
    }
)
_GO = GO.name
_TRACES = "traces"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is done with a container's processes: `traced` holds for those that are Go's.

    `attributes` are those of the resource, with the service's name; `ratio` is the part of new
    traces that is kept, None where the pod does not say it.
    """

    traced: bool
    attributes: Mapping[str, str] = field(default_factory=dict)
    ratio: float | None = None


def verdicts(pod: Object, namespace: Namespace, settings: Settings) -> dict[str, Verdict]:
    """By container, for those that are not left alone. Never raises for what an API server says."""
    labels = (pod.get("metadata") or {}).get("labels") or {}
    # Who is labelled was opted in when it was admitted, whatever the namespace's label says now.
    context = Context(namespace, owner.of_pod(pod), opted_in=labels.get(status.EBPF) == _GO)
    outcome = mutate(pod, context, Facts(), settings)
    kept = [one for one in outcome.decisions if not _alone(one)]
    if not kept:
        return {}
    wishes = annotations.read(pod, namespace.annotations)
    wanted = _wanted(wishes, settings)
    found: dict[str, Verdict] = {}
    named = any(_has_name(pod, one.target) for one in kept)
    for one in kept:
        traced = wanted and _is_open(one, pod)
        identity = _identity(pod, one.target, context, wishes, first=not named)
        found[one.target.name] = Verdict(traced, identity, _ratio(wishes, settings))
        named = named or traced
    return found


def _alone(decided: Decided) -> bool:
    return not isinstance(decided.decision, Inject) and decided.decision.reason in _ALONE


def _is_open(decided: Decided, pod: Object) -> bool:
    """Whether the container is Go, or nobody could tell what it is."""
    decision = decided.decision
    if isinstance(decision, Inject):
        return decision.language == _GO
    if status.left_to_node_agent(pod, decided.target.name):
        return True
    return decision.reason in _OPEN and decision.language is None


def _has_name(pod: Object, target: Target) -> bool:
    """Whether admission gave the container the pod's own service name, or one made of it."""
    return injected_language(target, pod) is not None or bool(_service(pod, target.name))


def _identity(
    pod: Object, target: Target, context: Context, wishes: Wishes, *, first: bool
) -> dict[str, str]:
    identity = identify(pod, target.container, context, wishes, first=first)
    service = _service(pod, target.name) or identity.service
    return {**attributes(identity, pod), "service.name": service}


def _service(pod: Object, container: str) -> str | None:
    """The service's name that admission decided for a container that was left to us."""
    recorded: list[dict[str, Any]] = (status.read(pod) or {}).get("containers") or []
    return next((one.get("service") for one in recorded if one["name"] == container), None)


def _wanted(wishes: Wishes, settings: Settings) -> bool:
    signals = wishes.signals or settings.signals
    return _TRACES in signals and settings.language(_GO).enabled


def _ratio(wishes: Wishes, settings: Settings) -> float | None:
    asked = wishes.sampling_ratio
    return settings.sampling_ratio if asked is None else float(asked)
