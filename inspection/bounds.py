"""How much of an image's words a profile keeps: less than the resource's schema allows.

An image may say anything at any length. What is longer is cut where people read it, and left out
where it would mean something else when it is cut.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from webhook.model import Evidence, Image

LONGEST_MESSAGE = 1000
_LONGEST_FACT = 500
_LONGEST_NAME = 200
_MOST_EVIDENCE = 48
_MOST_VARIABLES = 100
_LONGEST_LINE = 16_000
_MOST_WORDS = 200
_LONGEST_VERSION = 60


def clipped(text: str, longest: int) -> str:
    """One printable line of at most so many characters."""
    line = "".join(char if char.isprintable() else "�" for char in text)
    return line if len(line) <= longest else line[: longest - 1] + "…"


def evidence(found: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """Evidence with facts of bounded length; what decides stays when there is too much of it."""
    ranked = sorted(range(len(found)), key=lambda at: (not found[at].decides, at))
    kept = sorted(ranked[:_MOST_EVIDENCE])
    return tuple(
        replace(found[at], fact=clipped(found[at].fact, _LONGEST_FACT))
        for at in kept
        if len(found[at].version or "") <= _LONGEST_VERSION
    )


def image(one: Image) -> Image:
    """An image of bounded size. A command line that is too long is left out, and said so."""
    words = (*one.entrypoint, *one.cmd)
    fits = len(words) <= _MOST_WORDS and sum(map(len, words)) <= _LONGEST_LINE
    return replace(
        one,
        entrypoint=one.entrypoint if fits else (),
        cmd=one.cmd if fits else (),
        entry_known=one.entry_known and fits,
        environment=_variables(one.environment),
        labels={},
        user=one.user if len(one.user) <= _LONGEST_NAME else "",
        architecture=clipped(one.architecture, _LONGEST_VERSION) if one.architecture else None,
        working_directory=one.working_directory
        if len(one.working_directory) <= _LONGEST_FACT
        else "",
        evidence=evidence(one.evidence),
    )


def _variables(environment: Mapping[str, str | None]) -> dict[str, str | None]:
    names = [name for name in environment if len(name) <= _LONGEST_NAME]
    return {name: environment[name] for name in names[:_MOST_VARIABLES]}
