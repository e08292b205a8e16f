"""What registries say of the images that decisions about manifests need."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Protocol

from console.images.asking import ask
from console.images.registries import Registries
from console.images.seen import Wanted
from webhook import placement
from webhook.evidence import reference_of
from webhook.images.missing import missing
from webhook.model import Decided, Facts, Object, Outcome, Skip, Source
from webhook.reasons import Reason
from webhook.settings import Settings
from webhook.workloads import Template

_ABSENT = (Reason.IMAGE_PENDING, Reason.IMAGE_UNREACHABLE)


class Decision(Protocol):
    """A pod, and what was decided about it without its images."""

    @property
    def template(self) -> Template:
        """The pod."""

    @property
    def outcome(self) -> Outcome:
        """What was decided."""


def learn(
    decisions: Iterable[Decision], facts: Facts, registries: Registries, settings: Settings
) -> Facts:
    """The facts with what was missing: images, or why they are not known. Raises InputError."""
    wanted = _wanted(decisions, facts)
    found = ask(tuple(wanted.values()), registries, settings.image_inspection) if wanted else ()
    seen = dict(zip(wanted, found, strict=True))
    return replace(
        facts,
        images={**facts.images, **{key: one.image for key, one in seen.items() if one.image}},
        digests={
            **facts.digests,
            **{key: one.profile.digest for key, one in seen.items() if one.profile},
        },
        absent={key: one.fault.absence for key, one in seen.items() if one.fault},
    )


def unsaid(decisions: Iterable[Decision], facts: Facts) -> tuple[str, ...]:
    """A line for each image that is not known, where no decision says so.

    Its language is known without it; a newer version or a variable of the image's may be missed.
    """
    said = {
        reference_of(one.target.container)
        for decision in decisions
        for one in decision.outcome.decisions
        if isinstance(one.decision, Skip) and one.decision.reason in _ABSENT
    }
    return tuple(
        f"{name}: not read: {absence.message}"
        for name, absence in facts.absent.items()
        if name not in said
    )


def _wanted(decisions: Iterable[Decision], facts: Facts) -> Mapping[str, Wanted]:
    """Canonical reference → what is asked about the image."""
    wanted: dict[str, Wanted] = {}
    for decision in decisions:
        decided = decision.outcome.decisions
        names = missing(decided, facts)
        platforms = placement.platforms(decision.template.pod)
        for one in decided:
            name = reference_of(one.target.container)
            if name in names:
                before = wanted.get(name, Wanted(name, ()))
                wanted[name] = replace(
                    before,
                    containers=(*before.containers, *_undecided(one)),
                    platforms=tuple(dict.fromkeys((*before.platforms, *platforms))),
                )
    return wanted


def _undecided(one: Decided) -> tuple[Object, ...]:
    """The container, for its layers to be asked about; not where an annotation decides."""
    is_said = any(piece.source is Source.ANNOTATION for piece in one.decision.evidence)
    return () if is_said else (one.target.container,)
