"""What a profile keeps of a look at the layers, for one command line."""

from collections.abc import Iterator

from inspection.allowance import Ended
from webhook.images.layers import Findings, Start
from webhook.images.profile import Command, State, command_key

_MOST_FACTS = 3


def command(start: Start, findings: Findings, ended: Ended) -> Command:
    """The command's result, with a sentence that says why nothing is decided where nothing is."""
    state = _state(findings, ended)
    message = "" if state == "decided" else "; ".join(_sentences(findings, ended))
    return Command(
        key(start),
        findings.evidence,
        findings.language,
        findings.version,
        findings.libc,
        tuple(dict.fromkeys(agent.vendor for agent in findings.agents)),
        state,
        message,
        *((ended.bytes, ended.seconds) if state == "budget" else ()),
    )


def failed(start: Start, message: str) -> Command:
    """The result where no layer could be read."""
    return Command(key(start), state="failed", message=message)


def key(start: Start) -> str:
    """The name under which a start's result is kept."""
    return start.key or command_key(start.argv)


def _state(findings: Findings, ended: Ended) -> State:
    """Decided before it ended counts, whatever ended the look for others."""
    if findings.is_settled:
        return "decided" if findings.language else "undecided"
    return "undecided" if ended.how == "read" else ended.how


def _sentences(findings: Findings, ended: Ended) -> Iterator[str]:
    if ended.message and not findings.is_settled:
        yield ended.message
    if findings.is_packed:
        yield "its program is packed by UPX, which hides what it is"
    if findings.language is not None:
        yield "its language is known, what its agent needs beside it is not"
    elif findings.evidence:
        yield from (piece.fact for piece in findings.evidence[:_MOST_FACTS])
    elif not ended.message:
        yield "nothing in the layers tells what it is"
