"""One image out of those of many platforms.

A pod may be scheduled onto a node of any of them, so that only what all agree on is told:

    the platforms                          the image
    -------------------------------------  -----------------------------------------------------
    say the same                           says it
    have different evidence                has all of it, so that two languages are Ambiguous
    have different versions of a language  has the language, of no version
    start the same kind of program         starts what the first one starts
    start different kinds of programs      starts nothing that is known; what each would start is
                                           evidence of its own
    have different values of a variable    has the variable, of no value
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from webhook.commandline import Program, programs
from webhook.images.profile.bounds import without_entry
from webhook.images.profile.model import PlatformFacts, Profile
from webhook.model import Evidence, Image, Source

T = TypeVar("T")
_OTHER = "~another program"


def image(profile: Profile, platforms: Collection[str] = ()) -> Image:
    """What decisions read of a profile: of the platforms asked for, of all where it has none."""
    chosen = [one for one in profile.platforms if one.platform in platforms]
    layers = {one.key: one.evidence for one in profile.commands if one.evidence}
    return replace(_joined(chosen or profile.platforms), layers=layers)


def _joined(found: Sequence[PlatformFacts]) -> Image:
    if not found:
        return Image(entry_known=False)
    images = [one.image for one in found]
    first = images[0]
    if all(one == first for one in images):
        return first
    joined = replace(
        first,
        environment=_environment(images),
        user=_same((one.user for one in images), ""),
        architecture=_same((one.architecture for one in images), None),
        evidence=_versionless(_evidence(found), images),
        working_directory=_same((one.working_directory for one in images), ""),
    )
    return joined if len(set(map(_kinds, images))) == 1 else _of_entries(joined, found)


def _same(values: Iterable[T], otherwise: T) -> T:
    distinct = list(dict.fromkeys(values))
    return distinct[0] if len(distinct) == 1 else otherwise


def _environment(images: Sequence[Image]) -> dict[str, str | None]:
    names = dict.fromkeys(name for one in images for name in one.environment)
    return {name: _same((one.environment.get(name) for one in images), None) for name in names}


def _evidence(found: Sequence[PlatformFacts]) -> list[Evidence]:
    """Each piece once; one that not all platforms have says which has it."""
    platforms: dict[Evidence, list[str]] = {}
    for one in found:
        for piece in dict.fromkeys(one.image.evidence):
            platforms.setdefault(piece, []).append(one.platform)
    return [
        piece if len(having) == len(found) else _of(piece, having)
        for piece, having in platforms.items()
    ]


def _of(piece: Evidence, platforms: Sequence[str]) -> Evidence:
    return replace(piece, fact=f"{piece.fact} ({', '.join(platforms)})")


def _versionless(evidence: Iterable[Evidence], images: Sequence[Image]) -> tuple[Evidence, ...]:
    """The evidence without versions of languages whose version is not everywhere the same."""
    told: dict[str, set[str]] = {}
    for one in images:
        for language, version in _versions(one).items():
            told.setdefault(language, set()).add(version)
    doubtful = {language for language, versions in told.items() if len(versions) > 1}
    return tuple(
        replace(piece, version=None) if piece.language in doubtful else piece for piece in evidence
    )


def _versions(image_: Image) -> dict[str, str]:
    """Language → the version that decides: the first that is told."""
    pieces = reversed(image_.evidence)
    return {e.language: e.version for e in pieces if e.language and e.version}


# What is started.


def _kinds(one: Image) -> tuple[object, ...]:
    """What can be told of what an image starts; paths may differ, of machines and versions."""
    found = programs((*one.entrypoint, *one.cmd))
    return (one.entry_known, bool(one.entrypoint), *((p.kind, p.told) for p in found))


def _of_entries(joined: Image, found: Sequence[PlatformFacts]) -> Image:
    """An image of which it is told what each platform starts, and not known what it starts."""
    started = [
        (one.platform, program)
        for one in found
        for program in programs((*one.image.entrypoint, *one.image.cmd)) or (None,)
    ]
    unknown = without_entry(joined)
    if not any(program and program.told for _, program in started):
        return unknown
    entries = (_started(program, platform) for platform, program in started)
    return replace(unknown, evidence=(*entries, *joined.evidence))


def _started(program: Program | None, platform: str) -> Evidence:
    fact = f"it starts {program.name if program else 'nothing'} on {platform}"
    told = (program and program.told) or _OTHER
    return Evidence(Source.IMAGE, fact, told, program.version if program else None)
