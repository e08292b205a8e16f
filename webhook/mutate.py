"""One pod's way through the core: decide, plan, inject. The only place that catches.

mutate(pod, context, facts, settings)
    optin.refusal       is the pod to be touched at all?
    annotations.read    what do people ask for?
    decide.decide       per container: a candidate, or a Skip
    env.plan            per candidate: the edits, or a Skip
    inject.inject       all edits as operations
"""

from collections.abc import Iterator, Sequence

from webhook import annotations, decide, env, optin, owner, probes, shape, status
from webhook.annotations import Wishes
from webhook.candidate import Question
from webhook.identity import identify
from webhook.inject import Injection, inject
from webhook.language import Delivery
from webhook.model import (
    Context,
    Decided,
    Facts,
    Inject,
    Namespace,
    Object,
    Outcome,
    Skip,
    Target,
)
from webhook.reasons import EXPLANATIONS, Reason
from webhook.review import Review
from webhook.settings import Settings
from webhook.shared import Wanted
from webhook.structure import injected_language, targets
from webhook.value import Value

_WARNING = 250
"""Characters of one warning: the API server cuts longer ones at 256."""


def admit(
    review: Review, namespace: Namespace, facts: Facts, settings: Settings, *, opted_in: bool
) -> Outcome:
    """Answer a review: what `mutate` says of its pod. Never raises.

    Only the creation of a pod can still be changed; anything else is let through with a warning.
    """
    if (unfit := review.unfit) is not None:
        return Outcome(warnings=(_cut(f"spanhook: {unfit}; it was left unchanged"),))
    try:
        context = Context(namespace, owner.of_pod(review.object), opted_in)
    except Exception as failure:  # noqa: BLE001  # fail open, as `mutate` does
        return _failed(review.object, failure)
    return mutate(review.object, context, facts, settings)


def mutate(pod: Object, context: Context, facts: Facts, settings: Settings) -> Outcome:
    """What a pod gets. Never raises: a failure leaves the pod unchanged and says so."""
    try:
        return _mutate(pod, context, facts, settings)
    except Exception as failure:  # noqa: BLE001  # a pod must never be lost to a bug of ours
        return _failed(pod, failure)


def _failed(pod: Object, failure: Exception) -> Outcome:
    seen = shape.problems(pod)
    what = seen[0] if seen else f"{type(failure).__name__} inside Spanhook"
    remedy = "" if seen else f" {EXPLANATIONS[Reason.INTERNAL_ERROR].remedy}"
    warning = f"spanhook: {Reason.INTERNAL_ERROR}: {what}; the pod was left unchanged.{remedy}"
    return Outcome((), _all_skipped(pod, what), (_cut(warning),), failure)


def _all_skipped(pod: Object, what: str) -> tuple[Decided, ...]:
    """The failure's code for every container that can be told, as audit and metrics want it."""
    skip = Skip(Reason.INTERNAL_ERROR, what)
    try:
        return tuple(Decided(target, skip) for target in targets(pod))
    except Exception:  # noqa: BLE001  # the shape itself is what failed
        return ()


class _Pod(Value):
    """A pod that is opted in, and all that its containers' decisions share."""

    pod: Object
    context: Context
    facts: Facts
    settings: Settings
    wishes: Wishes


def _mutate(pod: Object, context: Context, facts: Facts, settings: Settings) -> Outcome:
    refusal = optin.refusal(pod, context, settings) or _foreign_marks(pod)
    if refusal is not None:
        refused = tuple(Decided(target, refusal) for target in targets(pod))
        return Outcome(decisions=refused, warnings=tuple(_pod_warning(refusal)))
    wishes = annotations.read(pod, context.namespace.annotations)
    one = _Pod(pod, context, facts, settings, wishes)
    found = tuple(targets(pod))
    # An earlier call gave one of the containers the pod's own service name.
    named = any(injected_language(t, pod) or _known_go(pod, t) for t in found)
    decisions: list[Decided] = []
    injections: list[Injection] = []
    for target in found:
        decided, injection = _container(one, target, first=not (named or injections))
        decisions.append(decided)
        if injection is not None:
            injections.append(injection)
    operations = inject(pod, injections, decisions, settings)
    return Outcome(operations, tuple(decisions), _warnings(decisions, wishes))


def _foreign_marks(pod: Object) -> Skip | None:
    """Marks of ours that we did not write: taking the injection back could not restore them."""
    metadata = pod.get("metadata") or {}
    labels, notes = metadata.get("labels") or {}, metadata.get("annotations") or {}
    wrong = [
        f'{key}: "{labels[key]}"'
        for key, value in ((status.INJECTED, "true"), (status.EBPF, "go"))
        if labels.get(key, value) != value
    ]
    if status.read(pod) is None:
        wrong += [f'{key}: "{notes[key]}"' for key in status.OWN_ANNOTATIONS if key in notes]
    if not wrong:
        return None
    return Skip(Reason.INVALID_ANNOTATION, f"only Spanhook writes {wrong[0]}; remove it")


def _container(one: _Pod, target: Target, *, first: bool) -> tuple[Decided, Injection | None]:
    question = Question(
        one.pod,
        target,
        one.wishes,
        one.facts,
        one.settings,
        one.context.namespace.name,
        one.context.owner,
    )
    answer = _known_go(one.pod, target) or decide.decide(question)
    if isinstance(answer, Skip):
        return Decided(target, answer), None
    identity = identify(one.pod, target.container, one.context, one.wishes, first=first)
    inject = decide.accepted(answer)
    if answer.language.delivery is Delivery.NODE_AGENT:
        return Decided(target, inject), Injection(answer, identity.service, None)
    planned = env.plan(answer, Wanted(identity, _signals(one), _ratio(one)))
    if isinstance(planned, Skip):
        return Decided(target, _refused(planned, inject)), None
    notes = (*planned.notes, *probes.notes(target.container, answer.language))
    return Decided(target, inject, notes), Injection(answer, identity.service, planned)


def _known_go(pod: Object, target: Target) -> Skip | None:
    """A Go container stays as it is, so only the pod's marks tell that it is done."""
    if not status.left_to_node_agent(pod, target.name):
        return None
    return Skip(Reason.ALREADY_INSTRUMENTED, "the node agent traces it", "go")


def _refused(skip: Skip, inject: Inject) -> Skip:
    return Skip(
        skip.reason, skip.message, inject.language, inject.version, inject.libc, inject.evidence
    )


def _signals(one: _Pod) -> tuple[str, ...]:
    return one.wishes.signals or one.settings.signals


def _ratio(one: _Pod) -> str | None:
    if one.wishes.sampling_ratio is not None:
        return one.wishes.sampling_ratio
    ratio = one.settings.sampling_ratio
    return None if ratio is None else f"{ratio:g}"


# Warnings: what the API server shows to whoever creates the pod.


def _pod_warning(skip: Skip) -> Iterator[str]:
    if EXPLANATIONS[skip.reason].notable:
        yield _cut(f"spanhook: {skip.reason}: {skip.message}")


def _warnings(decisions: Sequence[Decided], wishes: Wishes) -> tuple[str, ...]:
    warnings = [f"spanhook: {warning}" for warning in wishes.warnings]
    for decided in decisions:
        about, decision = f'spanhook: container "{decided.target.name}"', decided.decision
        if isinstance(decision, Skip) and EXPLANATIONS[decision.reason].notable:
            warnings.append(f"{about}: {decision.reason}: {decision.message}")
        warnings += (f"{about}: {note}" for note in decided.notes)
    return tuple(map(_cut, warnings))


def _cut(text: str) -> str:
    """One line of at most `_WARNING` characters, as the HTTP Warning header has room for."""
    line = " ".join(text.split())
    return line if len(line) <= _WARNING else f"{line[: _WARNING - 1]}…"
