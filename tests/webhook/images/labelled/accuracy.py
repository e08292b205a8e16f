"""How often the core is right about the labelled images: precision and recall per language."""

from collections.abc import Iterable
from dataclasses import dataclass

from tests.webhook.images.labelled import CASES, Case
from webhook.images.configuration import read
from webhook.images.reference import canonical
from webhook.languages import LANGUAGES
from webhook.model import Context, Decision, Facts, Inject, Skip
from webhook.mutate import mutate
from webhook.reasons import Reason
from webhook.settings import Settings

ANYBODYS = "registry.example/team/app:1"
"""A reference that says nothing: what is left is the configuration."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of images for one language.

    `injected` were decided to get its agent, `right` of them are it. `tellable` are it and their
    configuration says so, `told` of them were recognised, whether their version is served or not.
    Sidecars that are known by their name are nobody's to recognise.
    """

    language: str
    injected: int
    right: int
    tellable: int
    told: int

    @property
    def precision(self) -> float:
        """The share of the injected that is right, 0 to 1."""
        return self.right / self.injected if self.injected else 1.0

    @property
    def recall(self) -> float:
        """The share of the tellable that was recognised, 0 to 1."""
        return self.told / self.tellable if self.tellable else 1.0


def decide(case: Case, *, named: bool = False) -> Decision:
    """What the webhook decides about a pod with only that image, whose configuration is known.

    Unless `named`, the pod asks for the same configuration by a reference that tells nothing.
    """
    text = case.image if named else ANYBODYS
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "one"},
        "spec": {"containers": [{"name": "main", "image": text}]},
    }
    facts = Facts(images={canonical(text): read(case.configuration)})
    outcome = mutate(pod, Context(opted_in=True), facts, Settings())
    if outcome.failure is not None:
        raise outcome.failure
    return outcome.decisions[0].decision


def figures(cases: Iterable[Case] = CASES, *, named: bool = False) -> tuple[Figures, ...]:
    """Precision and recall, one for each language in the order of `LANGUAGES`."""
    decided = [(case, decide(case, named=named)) for case in cases]
    return tuple(_of(language.name, decided) for language in LANGUAGES)


def _of(language: str, decided: list[tuple[Case, Decision]]) -> Figures:
    injected = [c for c, d in decided if isinstance(d, Inject) and d.language == language]
    tellable = [
        (c, d) for c, d in decided if c.tellable and c.language == language and not _is_sidecar(d)
    ]
    return Figures(
        language,
        injected=len(injected),
        right=sum(case.language == language for case in injected),
        tellable=len(tellable),
        told=sum(decision.language == language for _, decision in tellable),
    )


def _is_sidecar(decision: Decision) -> bool:
    return isinstance(decision, Skip) and decision.reason is Reason.KNOWN_SIDECAR
