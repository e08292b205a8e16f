"""What an image runs, as far as it is known, and what the webhook would do with it."""

from dataclasses import dataclass
from typing import Literal

from console.images.seen import Seen
from inspection.judgement import Judgement, judge, version_of
from webhook.images.reference import canonical
from webhook.model import Context, Decision, Facts, Image
from webhook.mutate import mutate
from webhook.settings import Settings

Certainty = Literal["decides", "hint", "none"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """`language`: one of ours, "~" and a name for what is none, None where nothing tells it.

    `certainty`: whether something decides it, whether there are hints alone, or nothing.
    """

    judgement: Judgement
    language: str | None
    version: str | None
    certainty: Certainty
    decision: Decision


def verdict(seen: Seen, image: Image) -> Verdict:
    """The verdict on an image by itself, in a pod that says nothing more."""
    judged = judge({"image": seen.reference}, image)
    deciding = [e.language for e in judged.evidence if e.decides and e.language]
    hints = [e.language for e in judged.evidence if e.language]
    language = judged.language
    if language is None and len(set(deciding)) == 1:
        language = deciding[0]
    certainty: Certainty = "decides" if deciding else "hint" if hints else "none"
    if language is None and not deciding and len(set(hints)) == 1:
        language = hints[0]
    version = version_of(language, judged.evidence) if language else None
    return Verdict(judged, language, version, certainty, _decision(seen, image))


def _decision(seen: Seen, image: Image) -> Decision:
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "image"},
        "spec": {"containers": [{"name": "app", "image": seen.reference}]},
    }
    facts = Facts(images={canonical(seen.reference): image})
    outcome = mutate(pod, Context(opted_in=True), facts, Settings())
    if outcome.failure is not None:
        raise outcome.failure
    return outcome.decisions[0].decision
