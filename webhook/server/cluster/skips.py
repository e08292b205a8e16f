"""Events on workloads for what a person should know of their pods' containers."""

from collections.abc import Callable, Iterable, Iterator

from webhook import owner
from webhook.model import Decided, Object, Skip
from webhook.reasons import EXPLANATIONS, Reason
from webhook.review import Review
from webhook.server.cluster.event import Event, Regarding
from webhook.server.logs import Log
from webhook.server.reviewer import Answer

_DERIVED = {
    "Deployment": ("apps/v1", "deployments"),
    "CronJob": ("batch/v1", "cronjobs"),
    "Rollout": ("argoproj.io/v1alpha1", ""),
}
"""Owners of a pod's owner: what the pod's references do not tell. Their uid is looked up before an
Event is written, but for those that our role does not know."""


class Skips:
    """Hears of answers, and has Events written for skips that are notable."""

    def __init__(self, say: Callable[[Event], None], log: Log) -> None:
        self._say = say
        self._log = log

    def observe(self, answer: Answer) -> None:
        """Never raises: the answer is sent, and an Event must not cost the next one anything."""
        review, outcome = answer.review, answer.outcome
        # Each notable skip is a warning too, and nearly no answer has one.
        if review is None or outcome is None or not outcome.warnings or review.dry_run:
            return
        try:
            for event in events(review, outcome.decisions):
                self._say(event)
        except Exception as error:  # noqa: BLE001
            self._log.event("error", "no Event for a skip", error=repr(error))


def events(review: Review, decisions: Iterable[Decided]) -> Iterator[Event]:
    """One Event for each reason, about all containers that have it for the same cause."""
    regarding = workload(review.object, review.namespace or "", review.name or "")
    if regarding is None:
        return
    causes: dict[tuple[Reason, str], list[str]] = {}
    for decided in decisions:
        skip = decided.decision
        if isinstance(skip, Skip) and EXPLANATIONS[skip.reason].notable:
            causes.setdefault((skip.reason, skip.message), []).append(decided.target.name)
    for (reason, message), containers in causes.items():
        names = ", ".join(containers)
        said = EXPLANATIONS[reason]
        note = f"Not instrumented: {names}: {message}. {said.sentence} {said.remedy}"
        yield Event(regarding, reason.value, note, "SkipInjection", about=names)


def workload(pod: Object, namespace: str, name: str) -> Regarding | None:
    """What a person looks at: the workload, else the pod; None where it has no name yet."""
    metadata = pod.get("metadata") or {}
    found = owner.of_pod(pod)
    if found is None:
        name = name or metadata.get("name") or ""
        return Regarding("v1", "Pod", name, namespace) if name else None
    references = metadata.get("ownerReferences") or ()
    reference = next(r for r in references if r.get("controller"))
    if reference["kind"] == found.kind:
        uid = reference.get("uid", "")
        return Regarding(reference["apiVersion"], found.kind, found.name, namespace, uid)
    version, plural = _DERIVED[found.kind]
    return Regarding(version, found.kind, found.name, namespace, plural=plural)
