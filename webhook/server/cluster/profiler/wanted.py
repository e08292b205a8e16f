"""Which images a pod, or a template of pods, will be asked about when it is admitted.

By the rules of the admission itself: what it would miss if it knew no image at all.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import msgspec

from webhook import placement
from webhook.evidence import reference_of
from webhook.images.missing import missing
from webhook.images.reference import parse
from webhook.model import Context, Facts, Namespace, Object
from webhook.mutate import mutate
from webhook.server.cluster.profiler.objects import Lean
from webhook.settings import Settings

_NOTHING = Facts()
_OWNERS: Final = 8


@dataclass(frozen=True, slots=True)
class Use:
    """A container of an image. `platforms` as in `linux/arm64`, none where the pod does not say.

    `secrets`: names of the pod's pull secrets, in its namespace. `container`: the container's JSON,
    as far as it tells what it starts. `running`: the digest that a node runs; "" in a template.
    `is_fleeting`: of a pod or a Job, not of a template that starts the same again and again.
    """

    reference: str
    namespace: str
    platforms: tuple[str, ...]
    secrets: tuple[str, ...]
    container: bytes
    running: str = ""
    is_fleeting: bool = False

    @property
    def document(self) -> Object:
        """The container as the core reads it."""
        found: dict[str, object] = msgspec.json.decode(self.container)
        return {**found, "image": self.reference}


def uses(lean: Lean, namespace: Namespace, settings: Settings) -> tuple[Use, ...]:
    """The containers whose images matter; none where the pod is not opted in."""
    pod, running, is_fleeting = lean.pod(), lean.running, lean.is_fleeting
    outcome = mutate(pod, Context(namespace), _NOTHING, settings)
    wanted = frozenset(missing(outcome.decisions, _NOTHING))
    if not wanted:
        return ()
    secrets, platforms = placement.pull_secrets(pod), placement.platforms(pod)
    found = (
        Use(
            reference,
            namespace.name or "",
            platforms,
            secrets,
            _container(decided.target.container),
            running.get(decided.target.name, ""),
            is_fleeting,
        )
        for decided in outcome.decisions
        if (reference := reference_of(decided.target.container)) in wanted
    )
    return tuple(dict.fromkeys(found))


def owners(uses: Iterable[Use], turn: int) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Namespaces, with their pull secrets, whose credentials are tried for one image.

    Those that name secrets first, as they have a reason to; so many at most, others each turn.
    """
    found = list(dict.fromkeys((use.namespace, use.secrets) for use in uses))
    found.sort(key=lambda owner: (not owner[1], owner))
    if len(found) <= _OWNERS:
        return tuple(found)
    at = turn * _OWNERS % len(found)
    return tuple((found[at:] + found[:at])[:_OWNERS])


def host(reference: str) -> str:
    """The registry of a canonical reference."""
    return parse(reference).domain


def _container(container: Object) -> bytes:
    """What the container starts: names differ where nothing else does, images are references."""
    kept = {key: value for key, value in container.items() if key not in ("name", "image")}
    return msgspec.json.encode(kept, order="deterministic")
