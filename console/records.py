"""Decisions as records with stable field names: what `spanhook explain -o json` prints."""

from console.deciding import Answer
from webhook.model import Decided, Evidence, Json, Skip


def records(answers: tuple[Answer, ...]) -> list[dict[str, Json]]:
    """One record per container, in the order of the input. Field names are a promise."""
    return [record(answer, decided) for answer in answers for decided in answer.outcome.decisions]


def record(answer: Answer, decided: Decided) -> dict[str, Json]:
    """One container's record; `reason` is null for an injection."""
    decision = decided.decision
    skipped = isinstance(decision, Skip)
    return {
        "kind": answer.template.kind,
        "namespace": answer.template.namespace,
        "name": answer.template.name,
        "container": decided.target.name,
        "decision": "skip" if skipped else "inject",
        "language": decision.language,
        "version": decision.version,
        "libc": decision.libc,
        "reason": str(decision.reason) if isinstance(decision, Skip) else None,
        "message": decision.message,
        "evidence": [evidence(one) for one in decision.evidence],
    }


def evidence(one: Evidence) -> dict[str, Json]:
    """One piece of evidence."""
    return {
        "source": str(one.source),
        "fact": one.fact,
        "language": one.language,
        "version": one.version,
        "libc": one.libc,
        "decides": one.decides,
    }
