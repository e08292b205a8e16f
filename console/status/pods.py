"""What live pods are: instrumented, or not and why."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from console.status.gaps import Gap, gap
from console.status.model import Cause, State
from console.status.profiles import Profiles
from kube.times import parse
from webhook import owner, status
from webhook.images.missing import missing
from webhook.model import Absence, Context, Decided, Facts, Inject, Namespace, Object
from webhook.mutate import mutate
from webhook.reasons import Reason
from webhook.settings import Settings
from webhook.structure import injected_language

_OVER = frozenset({"Succeeded", "Failed"})
_READ = ("namespace", "labels", "annotations", "ownerReferences")
_PENDING = Absence(Reason.IMAGE_PENDING, "no ImageProfile says yet what the image is")


@dataclass(frozen=True, slots=True)
class Rules:
    """What decides about pods of one namespace, and since when.

    `installed` and `opted_in` are when the webhook was registered and the namespace labelled, None
    where that is not known. `profiles` is None where the webhook does not ask for images, or nobody
    can tell which it knows.
    """

    namespace: Namespace
    facts: Facts = field(default_factory=Facts)
    settings: Settings = field(default_factory=Settings)
    installed: datetime | None = None
    opted_in: datetime | None = None
    profiles: Profiles | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """One container of one pod. `gap`: what is not known of its image and could count."""

    name: str
    state: State
    language: str | None
    reason: str | None
    message: str
    gap: Gap | None = None


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
    decisions, lacking = _decided(received, rules)
    found = (
        replace(_container(received, one), gap=gap(one, lacking, rules.profiles))
        if rules.profiles
        else _container(received, one)
        for one in decisions
    )
    return tuple(one for one in found if one.reason != Reason.INIT_CONTAINER)


def _decided(pod: Object, rules: Rules) -> tuple[tuple[Decided, ...], tuple[str, ...]]:
    """The decisions, and the images without a profile that could have changed them.

    As in the webhook: decided anew where images are asked for, as if they had not come in time.
    """
    context = Context(rules.namespace, owner.of_pod(pod))
    decisions = mutate(pod, context, rules.facts, rules.settings).decisions
    lacking = missing(decisions, rules.facts) if rules.profiles else ()
    if lacking:
        facts = replace(rules.facts, absent=dict.fromkeys(lacking, _PENDING))
        decisions = mutate(pod, context, facts, rules.settings).decisions
    return decisions, lacking


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
