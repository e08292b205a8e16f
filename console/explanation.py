"""Decisions as people read them: what `spanhook explain` shows in a terminal."""

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from console import page
from console.deciding import Answer
from console.evidence import evidence, grid, label
from console.report import own_warnings, runtime
from webhook.model import Decided, Inject, Skip
from webhook.reasons import EXPLANATIONS


def show(answers: Sequence[Answer]) -> None:
    """Print every container's decision, evidence and remedy to stdout."""
    page.show(_parts(answers))


def _parts(answers: Sequence[Answer]) -> Iterator[RenderableType]:
    for answer in answers:
        yield _pod(answer)
    yield _summary([one for answer in answers for one in answer.outcome.decisions])


def _pod(answer: Answer) -> RenderableType:
    template = answer.template
    name = Text(f"{template.kind} ", style="dim").append(template.name, style="bold not dim")
    if template.namespace:
        name.append(f"  in {template.namespace}", style="dim")
    parts: list[RenderableType] = [Rule(name, align="left", style="dim", characters="─")]
    parts += (
        Padding(_container(decided), (0, 0, 1, 1), expand=False)
        for decided in answer.outcome.decisions
    )
    parts += (
        Padding(_note(warning), (0, 0, 1, 1), expand=False) for warning in own_warnings(answer)
    )
    return Group(*parts)


def _container(decided: Decided) -> RenderableType:
    decision = decided.decision
    rows = grid()
    if isinstance(decision, Inject):
        rows.add_row("", Text(decision.message, style="dim"))
    else:
        _skipped(rows, decision, decided.target.name)
    evidence(rows, decision.evidence)
    for note in decided.notes:
        rows.add_row(label("note", "yellow"), Text(note))
    return Group(_headline(decided), rows)


def _headline(decided: Decided) -> Text:
    decision = decided.decision
    if isinstance(decision, Inject):
        line = Text("● ", style="green").append(decided.target.name, style="bold default")
        return line.append("  inject  ", style="bold green").append(runtime(decision), "default")
    line = Text("○ ", style="yellow").append(decided.target.name, style="bold default")
    line.append("  skip  ", style="bold yellow").append(str(decision.reason), "yellow")
    seen = runtime(decision)
    return line.append(f"  {seen}", style="default") if seen else line


def _skipped(rows: Table, decision: Skip, container: str) -> None:
    explanation = EXPLANATIONS[decision.reason]
    remedy = explanation.remedy.replace("<container>", container)  # so that it can be copied
    rows.add_row("", Text(explanation.sentence))
    if decision.message:
        rows.add_row(label("seen"), Text(decision.message))
    rows.add_row(label("what to do", "cyan"), Text(remedy))


def _note(warning: str) -> Text:
    return Text("! ", style="yellow").append(warning, style="default")


def _summary(decisions: Sequence[Decided]) -> Text:
    if not decisions:
        return Text("Nothing here makes pods.")
    injected = sum(isinstance(one.decision, Inject) for one in decisions)
    skipped = len(decisions) - injected
    noun = "container" if len(decisions) == 1 else "containers"
    text = Text(f"{len(decisions)} {noun}: ").append(f"{injected} inject", style="green")
    return text.append(", ").append(f"{skipped} skip", style="yellow" if skipped else "")
