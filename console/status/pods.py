"""What live pods are: instrumented, or not and why."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from console.status.model import Cause, State
from kube.times import parse
from webhook import owner, status
from webhook.model import Context, Decided, Facts, Inject, Namespace, Object
from webhook.mutate import mutate
from webhook.reasons import Reason
from webhook.settings import Settings
from webhook.structure import injected_language

_OVER = frozenset({"Succeeded", "Failed"})
_READ = ("namespace", "labels", "annotations", "ownerReferences")


@dataclass(frozen=True, slots=True)
class Rules:
    """What decides about pods of one namespace, and since when.

    `installed` and `opted_in` are when the webhook was registered and the namespace labelled, None
    where that is not known.
    """

    namespace: Namespace
    facts: Facts = field(default_factory=Facts)
    settings: Settings = field(default_factory=Settings)
    installed: datetime | None = None
    opted_in: datetime | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """One container of one pod."""

    name: str
    state: State
    language: str | None
    reason: str | None
    message: str


def is_over(pod: Object) -> bool:
    """Whether a pod has ended or is about to: nothing about it can be mended any more."""
    phase = (pod.get("status") or {}).get("phase")
    return phase in _OVER or (pod.get("metadata") or {}).get("deletionTimestamp") is not None


def submitted(pod: Object) -> Object:
    """A live pod as the webhook would receive it if it were created now.

    The webhook sees pods with their defaults and with what the API server's own plug-ins add, as
    live ones have them. What it does not see is what comes afterwards: a name in place of
    `generateName`, a node, ephemeral containers.
    """
    metadata = pod.get("metadata") or {}
    kept = {key: metadata[key] for key in _READ if key in metadata}
    name = "generateName" if metadata.get("generateName") else "name"
    kept[name] = metadata.get(name)
    later = ("nodeName", "ephemeralContainers")
    spec = {key: value for key, value in pod["spec"].items() if key not in later}
    return {"metadata": kept, "spec": spec}


def containers(pod: Object, rules: Rules) -> tuple[Seen, ...]:
    """What each container is; init containers only where they are, or would be, instrumented."""
    received = submitted(pod)
    context = Context(rules.namespace, owner.of_pod(received))
    decisions = mutate(received, context, rules.facts, rules.settings).decisions
    found = (_container(received, decided) for decided in decisions)
    return tuple(one for one in found if one.reason != Reason.INIT_CONTAINER)


def _container(pod: Object, decided: Decided) -> Seen:
    name, decision = decided.target.name, decided.decision
    language = injected_language(decided.target, pod)
    if language is not None or status.left_to_node_agent(pod, name):
        return Seen(name, State.INSTRUMENTED, language.name if language else "go", None, "")
    if isinstance(decision, Inject):
        return Seen(name, State.PENDING, decision.language, None, decision.message)
    state = State.OPTED_OUT if decision.reason is Reason.OPTED_OUT else State.SKIPPED
    return Seen(name, state, decision.language, decision.reason.value, decision.message)


def state(found: Iterable[Seen]) -> State:
    """A pod's state by its containers': what remains to be done counts first."""
    states = {one.state for one in found}
    order = (State.PENDING, State.INSTRUMENTED, State.SKIPPED, State.OPTED_OUT)
    return next((one for one in order if one in states), State.SKIPPED)


def cause(pod: Object, rules: Rules) -> Cause:
    """Why a pod is pending, as far as the times tell."""
    created = parse((pod.get("metadata") or {}).get("creationTimestamp"))
    if created is None:
        return Cause.UNKNOWN
    if rules.installed is not None and created <= rules.installed:
        return Cause.BEFORE_INSTALLATION
    if rules.opted_in is None:
        return Cause.UNKNOWN
    # Times are whole seconds: in the same one, the label most likely came later.
    return Cause.BEFORE_OPT_IN if created <= rules.opted_in else Cause.SINCE_OPT_IN
