"""What each container of a pod gets: its language's agent, or one reason why not.

First what needs no look at what the container runs, then its language (`webhook.choice`), then
whether the agent fits (`webhook.fitness`). Checks stand in a tuple and are asked in order; the
first that answers decides.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from webhook import environment, observed, sidecars
from webhook.annotations import EVERY, NONE
from webhook.candidate import Candidate, Question
from webhook.choice import choose
from webhook.commandline import Program, resolve
from webhook.environment import Environment
from webhook.evidence import absence_of, gather, image_of
from webhook.fitness import objection
from webhook.language import Delivery, Language
from webhook.languages import BY_NAME
from webhook.model import Evidence, Inject, Libc, Skip, Source
from webhook.reasons import Reason
from webhook.structure import injected_language, serves_pod


def decide(question: Question) -> Candidate | Skip:
    """The candidate for an injection, or the reason to leave the container alone."""
    for check in _CHECKS:
        if skip := check(question):
            return skip
    container = question.target.container
    image = image_of(container, question.facts)
    env = environment.of(container, image, question.facts, question.namespace)
    line = resolve(container, image)
    evidence, programs = gather(container, line, image, question.choices, env.own)
    seen, agents = _observed(question)
    if seen is not None:
        evidence = _behind_annotations(evidence, seen)
    chosen = choose(evidence)
    if isinstance(chosen, Skip):
        skip = Skip(chosen.reason, chosen.message, evidence=evidence)
        return skip if image else _for_want_of_image(question, skip)
    language = BY_NAME[chosen]
    candidate = Candidate(
        question,
        language,
        _version(language, evidence),
        _libc(question, evidence),
        env,
        programs,
        line.argv,
        evidence,
        _seen_variables(env, programs),
        agents,
    )
    skip = objection(candidate)
    if skip is None:
        return candidate
    described = _described(candidate, skip)
    return described if image else _for_want_of_image(question, described)


def _observed(question: Question) -> tuple[Evidence | None, tuple[str, ...]]:
    """What was seen run in the container, and the makers of other agents beside it."""
    if not question.facts.observed:
        return None, ()
    container = question.target.container
    workload = observed.workload_of(question.pod, question.namespace, question.owner)
    seen = observed.find(container, workload, question.facts)
    if seen is None or workload is None:
        return None, ()
    said = observed.evidence(seen, workload, observed.started(container))
    return said, seen.agents if said.decides else ()


def _behind_annotations(found: tuple[Evidence, ...], seen: Evidence) -> tuple[Evidence, ...]:
    said = sum(one.source is Source.ANNOTATION for one in found)
    return (*found[:said], seen, *found[said:])


_OPEN = frozenset({Reason.LANGUAGE_UNKNOWN, Reason.VERSION_UNKNOWN})


def _for_want_of_image(question: Question, skip: Skip) -> Skip:
    """The reason behind the reason: what is open would not be, were the image known.

    | skipped for                       | image not known, was it asked for?  | reason          |
    |-----------------------------------|-------------------------------------|-----------------|
    | LanguageUnknown or VersionUnknown | yes, it is on its way               | ImagePending    |
    | LanguageUnknown or VersionUnknown | yes, the registry does not say it   | ImageUnreachable |
    | LanguageUnknown or VersionUnknown | no                                  | as it was       |
    | anything else                     | either                              | as it was       |
    """
    absence = absence_of(question.target.container, question.facts)
    if absence is None or skip.reason not in _OPEN:
        return skip
    return replace(skip, reason=absence.reason, message=absence.message)


def _described(candidate: Candidate, skip: Skip) -> Skip:
    return Skip(
        skip.reason,
        skip.message,
        candidate.language.name,
        candidate.version,
        candidate.libc,
        candidate.evidence,
    )


def accepted(candidate: Candidate) -> Inject:
    """The decision for a candidate whose injection could be planned."""
    language = candidate.language
    message = _MESSAGES[language.delivery].format(language.title)
    return Inject(language.name, candidate.version, candidate.libc, candidate.evidence, message)


_MESSAGES = {
    Delivery.INIT_CONTAINER: "gets the OpenTelemetry agent for {}",
    Delivery.NODE_AGENT: "traced by the node agent, the container stays as it is",
}


def _version(language: Language, evidence: Sequence[Evidence]) -> str | None:
    """The version from the most trusted evidence that names this language and a version."""
    return next((e.version for e in evidence if e.language == language.name and e.version), None)


def _libc(question: Question, evidence: Sequence[Evidence]) -> Libc | None:
    if said := question.wishes.libc.get(question.target.name):
        return said
    return next((e.libc for e in evidence if e.libc), None)


def _seen_variables(env: Environment, programs: tuple[Program, ...]) -> Mapping[str, str | None]:
    seen = env.known
    for program in programs:
        if program.assigned:
            seen = {**seen, **program.assigned}
    return seen


# Before the language is looked for.


def _fault(q: Question) -> Skip | None:
    fault = q.wishes.faults.get(q.target.name) or q.wishes.faults.get(EVERY)
    return Skip(Reason.INVALID_ANNOTATION, fault) if fault else None


def _ours_already(q: Question) -> Skip | None:
    language = injected_language(q.target, q.pod)
    if language is None:
        return None
    return Skip(Reason.ALREADY_INSTRUMENTED, f"Spanhook's {language.title} agent", language.name)


def _excluded(q: Question) -> Skip | None:
    none = next((c for c in q.choices if c.language == NONE), None)
    return Skip(Reason.OPTED_OUT, none.text) if none else None


def _init_container(q: Question) -> Skip | None:
    if q.choices or serves_pod(q.target):
        return None
    return Skip(Reason.INIT_CONTAINER, "it ends before the application starts")


def _not_listed(q: Question) -> Skip | None:
    if q.choices or q.wishes.listed is None:
        return None
    return Skip(
        Reason.OPTED_OUT, "the container lists of instrumentation.opentelemetry.io leave it out"
    )


def _sidecar(q: Question) -> Skip | None:
    if q.choices:
        return None
    if q.target.name in q.settings.ignored_containers:
        return Skip(Reason.KNOWN_SIDECAR, f'the settings ignore containers named "{q.target.name}"')
    what = sidecars.known(q.target.name, q.target.container.get("image") or "")
    return Skip(Reason.KNOWN_SIDECAR, what) if what else None


_CHECKS: tuple[Callable[[Question], Skip | None], ...] = (
    _fault,
    _ours_already,
    _excluded,
    _init_container,
    _not_listed,
    _sidecar,
)
