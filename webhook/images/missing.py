"""Which images would tell something that matters to a pod that was decided without them.

Only those are worth a pod's waiting:

    decided                            an image that is not known is missing
    ---------------------------------  ----------------------------------------------------------
    Inject                             yes: its environment is merged with, its version may not fit
    LanguageUnknown or VersionUnknown  yes
    VariableTooLong                    yes: it ends with the version
    Ambiguous, by weak evidence        yes: the image's configuration is worth more than its name
    Ambiguous, by command or request   no
    skipped for any other reason       no: nothing that an image says comes before it
    imagePullPolicy: Never, whatever   no: a node has its own, which no registry need know
"""

from collections.abc import Iterable

from webhook.evidence import reference_of
from webhook.model import Decided, Facts, Inject, Skip, Source
from webhook.reasons import Reason

_OPEN = frozenset({Reason.LANGUAGE_UNKNOWN, Reason.VERSION_UNKNOWN, Reason.VARIABLE_TOO_LONG})
_STRONGER = frozenset({Source.ANNOTATION, Source.OBSERVED, Source.COMMAND})


def missing(decisions: Iterable[Decided], facts: Facts) -> tuple[str, ...]:
    """Canonical references of the images to ask for: neither known nor asked for in vain."""
    found = [
        reference
        for decided in decisions
        if (reference := _wanted(decided))
        and reference not in facts.images
        and reference not in facts.absent
    ]
    return tuple(dict.fromkeys(found)) if found else ()


def _wanted(decided: Decided) -> str | None:
    """The reference of a container's image, where knowing the image could change its decision."""
    decision, container = decided.decision, decided.target.container
    if isinstance(decision, Inject) or decision.reason in _OPEN or _is_doubtful(decision):
        return None if container.get("imagePullPolicy") == "Never" else reference_of(container)
    return None


def _is_doubtful(skip: Skip) -> bool:
    return skip.reason is Reason.AMBIGUOUS and not any(
        e.decides and e.source in _STRONGER for e in skip.evidence
    )
