"""Gathering everything that tells something about one container, in order of trust."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

from webhook import hints
from webhook.annotations import NONE, Choice
from webhook.commandline import CommandLine, Kind, Program, programs
from webhook.images import reference, repositories, standins
from webhook.images.command import command_key
from webhook.model import Absence, Evidence, Facts, Image, Object, Source
from webhook.value import Value

_REMEMBERED = 2000
"""Characters of a command line that is worth remembering."""

# What an unknown program at a path of its own may still be: an apphost or a linked Go program is
# one file, while Python and Node.js are never their own program, and a version variable only
# says what the base image has.
_OWN_PROGRAM = frozenset({"go", "dotnet"})


def reference_of(container: Object) -> str | None:
    """The canonical reference of the container's image; None where it has none that parses."""
    text = container.get("image")
    if not text:
        return None
    try:
        return reference.canonical(text)
    except ValueError:
        return None


def image_of(container: Object, facts: Facts) -> Image | None:
    """What is known of the container's image."""
    if not facts.images:
        return None
    name = reference_of(container)
    return facts.images.get(name) if name else None


def absence_of(container: Object, facts: Facts) -> Absence | None:
    """Why the container's image is not known, where it was asked for."""
    if not facts.absent:
        return None
    name = reference_of(container)
    return facts.absent.get(name) if name and name not in facts.images else None


def gather(
    container: Object,
    line: CommandLine,
    image: Image | None,
    choices: Sequence[Choice],
    names: Iterable[str],
) -> tuple[tuple[Evidence, ...], tuple[Program, ...]]:
    """All evidence about a container, and the programs that its command `line` starts.

    `names` are those of the variables that the pod itself sets.
    """
    told = _told(line)
    base = (*(image.evidence if image else ()), *hints.of_names(names, Source.ENVIRONMENT))
    named = _of_repository(container.get("image"))
    base += named
    if image and image.layers and line.entrypoint_known:
        base += image.layers.get(command_key(line.argv, container), ())
    if told.limit is not None:
        base = tuple(_limited(evidence, told.limit) for evidence in base)
    chosen = tuple(_of_choice(choice) for choice in choices if choice.language != NONE)
    command = standins.replaced(told.evidence, image.evidence if image else named)
    return (*chosen, *command, *base), told.programs


class _Told(Value):
    """What a command line tells; `limit` as `_limit` says."""

    programs: tuple[Program, ...]
    evidence: tuple[Evidence, ...]
    limit: frozenset[str] | None


def _told(line: CommandLine) -> _Told:
    is_long = sum(map(len, line.argv)) > _REMEMBERED
    return _read(line) if is_long else _remembered(line)


@lru_cache(maxsize=1024)
def _remembered(line: CommandLine) -> _Told:
    """The replicas of a workload come one after the other, with one command line."""
    return _read(line)


def _read(line: CommandLine) -> _Told:
    found = programs(line.argv, entrypoint_known=line.entrypoint_known)
    evidence = tuple(filter(None, (_of_program(program, line) for program in found)))
    return _Told(found, evidence, _limit(found, line))


def _of_choice(choice: Choice) -> Evidence:
    return Evidence(Source.ANNOTATION, choice.text, choice.language)


_UNTOLD = {
    Kind.SCRIPT: ", a script whose content is not known",
    Kind.PATH: ", a name that does not tell its language",
    Kind.BINARY: ", a program that does not tell its language",
    Kind.MANAGER: ", which starts what its own configuration names",
}


def _of_program(program: Program, line: CommandLine) -> Evidence | None:
    if program.language is None and not line.entrypoint_known:
        # With only `args` in the pod, what is none of ours may be anybody's argument.
        return None
    language = program.told
    verb = "start" if line.origin.endswith("args") else "starts"
    fact = f"{line.origin} {verb} {program.argv[0] if language is None else program.name}"
    fact += _UNTOLD.get(program.kind, "")
    if program.through:
        fact += f" (through {', '.join(program.through)})"
    return Evidence(Source.COMMAND, fact, language, program.version, decides=language is not None)


def _limit(found: tuple[Program, ...], line: CommandLine) -> frozenset[str] | None:
    """The languages that weaker evidence may still decide on; None when there is no limit."""
    kinds = {program.kind for program in found}
    if Kind.MANAGER in kinds:
        return frozenset()
    if Kind.BINARY in kinds and line.entrypoint_known:
        return _OWN_PROGRAM
    return None


def _limited(evidence: Evidence, allowed: frozenset[str]) -> Evidence:
    if not evidence.decides or evidence.language is None or evidence.language.startswith("~"):
        return evidence
    if evidence.source is Source.LAYERS:  # they were asked about this very program
        return evidence
    return evidence if evidence.language in allowed else replace(evidence, decides=False)


@lru_cache(maxsize=4096)
def _of_repository(text: str | None) -> tuple[Evidence, ...]:
    if not text:
        return ()
    try:
        return repositories.of_reference(reference.parse(text))
    except ValueError:
        return ()
