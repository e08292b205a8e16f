"""What `inject` and `uninject` did, one line per container, on stderr."""

import sys
from collections.abc import Iterable, Sequence

from console.deciding import Answer
from console.output import plain, styled
from webhook.choice import title
from webhook.model import Decided, Inject, Skip
from webhook.workloads import Template

_INJECTED, _SKIPPED, _WARNING = ("✓", "green"), ("–", "dim"), ("!", "yellow")


def runtime(decision: Inject | Skip) -> str:
    """What a container runs, as far as it is known: `Python 3.12, musl`."""
    language = title(decision.language) if decision.language else ""
    named = " ".join(part for part in (language, decision.version) if part)
    return ", ".join(part for part in (named, decision.libc) if part)


def about(template: Template) -> str:
    """A workload as kubectl names it, with its namespace when it says one."""
    name = f"{template.kind}/{template.name}" if template.name else template.kind
    return f"{template.namespace}/{name}" if template.namespace else name


def injected(answers: Sequence[Answer]) -> None:
    """Report what every container got."""
    rows = [
        (answer.document.file, about(answer.template), decided)
        for answer in answers
        for decided in answer.outcome.decisions
    ]
    if not rows:
        line("nothing here makes pods: every document is as it was")
        return
    file = max(len(name) for name, _, _ in rows)
    workload = max(len(name) for _, name, _ in rows)
    container = max(len(decided.target.name) for _, _, decided in rows)
    for answer in answers:
        where = f"{answer.document.file:{file}}  {about(answer.template):{workload}}"
        for decided in answer.outcome.decisions:
            _decided(f"{where}  {decided.target.name:{container}}", decided)
        for warning in own_warnings(answer):
            _line(_WARNING, f"{where}  {warning}")
    done = sum(isinstance(decided.decision, Inject) for _, _, decided in rows)
    line(f"{done} of {_count(len(rows), 'container')} injected")


def uninjected(done: Iterable[tuple[str, Template, bool, Sequence[str]]]) -> None:
    """Report every pod: its file, itself, whether something was removed, and the warnings."""
    rows = list(done)
    changed = 0
    for file, template, removed, warnings in rows:
        changed += removed
        said = "injection removed" if removed else "nothing of Spanhook's here"
        _line(_INJECTED if removed else _SKIPPED, f"{file}  {about(template)}  {said}")
        for warning in warnings:
            _line(_WARNING, f"{file}  {about(template)}  {warning}")
    line(f"{changed} of {_count(len(rows), 'pod')} restored")


def own_warnings(answer: Answer) -> list[str]:
    """The warnings that no line about a container or a skip says already."""
    decisions = answer.outcome.decisions
    skips = {one.decision.reason for one in decisions if isinstance(one.decision, Skip)}
    said = (
        *(f'spanhook: container "{one.target.name}": ' for one in decisions),
        *(f"spanhook: {reason}: " for reason in skips),
    )
    return [
        warning.removeprefix("spanhook: ")
        for warning in answer.outcome.warnings
        if not warning.startswith(said)
    ]


def _decided(where: str, decided: Decided) -> None:
    decision = decided.decision
    if isinstance(decision, Inject):
        _line(_INJECTED, f"{where}  injected: {runtime(decision)}")
    else:
        reason = f"{decision.reason}: {decision.message}" if decision.message else decision.reason
        _line(_SKIPPED, f"{where}  skipped: {reason}")
    for note in decided.notes:
        _line(_WARNING, f"{where}  {note}")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _line(sign: tuple[str, str], text: str) -> None:
    mark, style = sign
    text = plain(text)
    if style == "dim":
        line(styled(f"{mark} {text}", style, sys.stderr))
    else:
        line(f"{styled(mark, style, sys.stderr)} {text}")


def line(text: str) -> None:
    """Write a line to stderr."""
    sys.stderr.write(f"{text}\n")
