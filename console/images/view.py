"""Images as people read them: what `spanhook inspect` shows in a terminal."""

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from console import page
from console.evidence import evidence, grid, label
from console.images.seen import Seen
from console.images.sizes import count, seconds, size
from console.images.verdict import Verdict, verdict
from console.output import plain
from inspection.look import Look
from webhook.choice import title
from webhook.images.profile import Profile
from webhook.images.reference import canonical
from webhook.model import NATIVE, Image, Inject, Source
from webhook.reasons import EXPLANATIONS, Reason

_LONGEST_LINE = 160
# How sure it is, by what says it; the rest of the evidence stands below.
_SAID: dict[Source, str] = {
    Source.COMMAND: "its command line says it",
    Source.IMAGE: "its configuration says it",
    Source.LAYERS: "its layers show it",
    Source.REPOSITORY: "its name says it",
}
# Reasons whose message says again what the evidence says.
_EVIDENT = frozenset(
    {
        Reason.LANGUAGE_UNKNOWN,
        Reason.LANGUAGE_UNSUPPORTED,
        Reason.AMBIGUOUS,
        Reason.NATIVE_IMAGE,
        Reason.WINDOWS_POD,
    }
)


def show(found: Sequence[Seen]) -> None:
    """Print every image to stdout."""
    page.show(_parts(found))


def _parts(found: Sequence[Seen]) -> Iterator[RenderableType]:
    for seen in found:
        name = Text(canonical(seen.reference), style="bold not dim")
        yield Rule(name, align="left", style="dim", characters="─")
        yield Padding(_image(seen), (0, 0, 1, 1), expand=False)
    yield _summary(found)


def _image(seen: Seen) -> RenderableType:
    rows = grid()
    if seen.image is None or seen.profile is None:
        message = seen.fault.absence.message if seen.fault else ""
        what, _, advice = message.partition("; ")
        rows.add_row("", Text(plain(what)))
        if advice:
            rows.add_row(label("what to do", "cyan"), Text(plain(advice)))
        _cost(rows, seen)
        return Group(Text("✗ ", style="red").append("could not be read", "bold red"), rows)
    found = verdict(seen, seen.image)
    evidence(rows, found.judgement.evidence)
    _command(rows, found, seen.image)
    _webhook(rows, found)
    if seen.look:
        _layers(rows, seen.look)
    _identity(rows, seen.profile)
    _cost(rows, seen)
    return Group(_headline(found), rows)


def _headline(found: Verdict) -> Text:
    """What it runs: a full circle where it is instrumented, an empty one where it is not."""
    named = " ".join(part for part in (_name(found.language), found.version) if part)
    text = ", ".join(part for part in (named, found.judgement.libc) if part)
    is_injected = isinstance(found.decision, Inject)
    line = Text("● ", style="green") if is_injected else Text("○ ", style="yellow")
    if found.language is None:
        is_torn = found.certainty == "decides"
        said = "more than one thing at once" if is_torn else "nothing tells what it runs"
        return line.append(said, "bold").append(f"  {text}" if text else "", "dim")
    line.append(plain(text), "bold")
    if found.certainty == "hint":
        return line.append("  perhaps: there are hints, and nothing that decides", "yellow")
    return line.append(f"  {_said(found)}", "dim")


def _said(found: Verdict) -> str:
    """What decides it, the most trusted."""
    pieces = (e for e in found.judgement.evidence if e.decides and e.language == found.language)
    return next((_SAID[piece.source] for piece in pieces if piece.source in _SAID), "")


def _name(language: str | None) -> str:
    if language == NATIVE:
        return "a native image, without a virtual machine"
    return title(language) if language else ""


def _command(rows: Table, found: Verdict, image: Image) -> None:
    argv = " ".join(found.judgement.line.argv)
    short = argv if len(argv) <= _LONGEST_LINE else f"{argv[:_LONGEST_LINE]}…"
    if not image.entry_known:
        short = "a command line that is too long to be kept"
    rows.add_row(label("starts"), Text(plain(short) or "nothing by itself"))


def _webhook(rows: Table, found: Verdict) -> None:
    decision = found.decision
    if isinstance(decision, Inject):
        rows.add_row(label("webhook"), Text(decision.message, style="green"))
        return
    text = Text("leaves it alone: ").append(str(decision.reason), style="yellow")
    if decision.message and decision.reason not in _EVIDENT:
        text.append(f", {plain(decision.message)}")
    rows.add_row(label("webhook"), text)
    explanation = EXPLANATIONS[decision.reason]
    if explanation.notable:
        rows.add_row(label("what to do", "cyan"), Text(explanation.remedy))


def _layers(rows: Table, look: Look) -> None:
    command = look.commands[0]
    text = Text(f"{look.begun} of {look.layers} layers")
    text.append(f", {size(look.read)} of {size(look.size)}")
    if command.state != "decided":
        text.append(f", {command.state}: {plain(command.message)}", style="yellow")
    rows.add_row(label("looked into"), text)


def _identity(rows: Table, profile: Profile) -> None:
    names = ", ".join(one.platform for one in profile.platforms)
    rows.add_row(label("platform"), Text(plain(names)))
    rows.add_row(label("digest"), Text(profile.digest, style="dim"))


def _cost(rows: Table, seen: Seen) -> None:
    spent = (count(seen.spent.requests, "request"), size(seen.spent.bytes), seconds(seen.seconds))
    rows.add_row(label("cost"), Text(", ".join(spent), style="dim"))


def _summary(found: Sequence[Seen]) -> Text:
    failed = sum(one.fault is not None for one in found)
    text = Text(f"{count(len(found), 'image')}: ").append(
        f"{len(found) - failed} read", style="green"
    )
    if failed:
        text.append(", ").append(f"{failed} not", style="red")
    requests = sum(one.spent.requests for one in found)
    received = sum(one.spent.bytes for one in found)
    return text.append(f"; {count(requests, 'request')}, {size(received)}")
