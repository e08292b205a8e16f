"""What the webhook decided, as it stands on the pod that it answered with."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from demo.images import SHOP_CONFIGS
from demo.reviews import Answer
from webhook.images import configuration
from webhook.model import Context, Decided, Facts, Inject, Namespace
from webhook.mutate import mutate
from webhook.settings import Settings
from webhook.status import STATUS


@dataclass(frozen=True, slots=True)
class Row:
    """One container's decision: `decision` is inject or skip, `reason` is a skip's code.

    `why` is the evidence that decided, or what was seen where it is a skip.
    """

    service: str
    container: str
    decision: str
    language: str = ""
    version: str = ""
    reason: str = ""
    why: str = ""


def rows(service: str, asked: Mapping[str, Any], answer: Answer, namespace: str) -> list[Row]:
    """A row for each container that the answer's status annotation names.

    The annotation holds decisions and no evidence. For that the same core is asked here, about the
    pod that the webhook was asked about.
    """
    why = _evidence(asked, namespace)
    return [
        Row(
            service=service,
            container=entry["name"],
            decision=entry["decision"],
            language=entry.get("language", ""),
            version=entry.get("version", ""),
            reason=entry.get("reason", ""),
            why=why.get(entry["name"], ""),
        )
        for entry in _status(answer.pod).get("containers", ())
    ]


def _status(pod: Mapping[str, Any]) -> Mapping[str, Any]:
    text = (pod["metadata"].get("annotations") or {}).get(STATUS)
    status: Mapping[str, Any] = json.loads(text) if text else {}
    return status


def _evidence(pod: Mapping[str, Any], namespace: str) -> dict[str, str]:
    context = Context(Namespace(name=namespace), opted_in=True)
    outcome = mutate(pod, context, _facts(), Settings())
    return {decided.target.name: _reasoning(decided) for decided in outcome.decisions}


def _facts() -> Facts:
    return Facts(images=configuration.read_all(json.loads(SHOP_CONFIGS.read_text())))


def _reasoning(decided: Decided) -> str:
    decision = decided.decision
    if not isinstance(decision, Inject):
        return decision.message
    facts = [e.fact for e in decision.evidence if e.decides and e.language == decision.language]
    return facts[0] if facts else decision.message
