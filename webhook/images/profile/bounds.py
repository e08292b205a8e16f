"""How much of an image is kept: its author decides how much it says, not how much we hold.

What has to be cut is cut so that nothing wrong is left: a command line is whole or not known, a
value is whole or None, and of much evidence every side stays before repetitions do.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from webhook.images.profile.model import Command, PlatformFacts, Profile, Reference
from webhook.images.profile.variables import kept
from webhook.model import Evidence, Image

REFERENCES, PLATFORMS, COMMANDS = 64, 32, 64
"""As many as the resource's schema has room for."""
EVIDENCE, AGENTS, VARIABLES = 32, 16, 96
LINE, WORDS = 8192, 256
"""Characters and words of an entrypoint with its command."""
SHORT, TEXT, NAME, LONG = 64, 128, 512, 1024


def bounded(profile: Profile) -> Profile:
    """A profile with nothing longer than the object's schema allows."""
    commands = {one.key: one for one in profile.commands}
    return replace(
        profile,
        references=_references(profile.references, REFERENCES),
        platforms=tuple(map(_platform, profile.platforms[:PLATFORMS])),
        commands=tuple(map(_command, list(commands.values())[-COMMANDS:])),
        learnt=replace(profile.learnt, by=_cut(profile.learnt.by, SHORT)),
        lacking=tuple(one for one in profile.lacking if _is_name(one, SHORT))[:PLATFORMS],
    )


def _references(found: Iterable[Reference], most: int) -> tuple[Reference, ...]:
    """Each name once, as it was seen last; of too many the youngest."""
    latest: dict[str, Reference] = {}
    for one in found:
        known = latest.get(one.name)
        if _is_name(one.name, NAME) and (known is None or known.resolved < one.resolved):
            latest[one.name] = one
    if len(latest) <= most:
        return tuple(latest.values())
    return tuple(sorted(latest.values(), key=lambda one: one.resolved, reverse=True)[:most])


def _platform(one: PlatformFacts) -> PlatformFacts:
    return PlatformFacts(_cut(one.platform, SHORT), one.digest, _image(one.image))


def _image(image: Image) -> Image:
    words = (*image.entrypoint, *image.cmd, image.working_directory)
    if len(words) > WORDS or not _fits("".join(words), LINE):
        image = without_entry(image)
    return Image(
        image.entrypoint,
        image.cmd,
        _variables(image.environment),
        user=_cut(image.user, TEXT),
        architecture=_whole(image.architecture, SHORT),
        evidence=_evidence(image.evidence),
        working_directory=_whole(image.working_directory, LONG) or "",
        entry_known=image.entry_known,
    )


def without_entry(image: Image) -> Image:
    """Not to know what is started is not to know which of the image's runtimes it is for."""
    evidence = tuple(
        replace(one, decides=one.decides and (one.language or "~").startswith("~"))
        for one in image.evidence
    )
    return replace(
        image, entrypoint=(), cmd=(), working_directory="", evidence=evidence, entry_known=False
    )


def _variables(environment: Mapping[str, str | None]) -> dict[str, str | None]:
    found = [
        (name, value if value is None or _fits(value, len(value)) else None)
        for name, value in kept(environment).items()
        if _is_name(name, TEXT)
    ]
    return dict(found[:VARIABLES])


def _command(one: Command) -> Command:
    return replace(
        one,
        evidence=_evidence(one.evidence),
        language=_whole(one.language, SHORT),
        version=_whole(one.version, SHORT),
        agents=tuple(_cut(agent, TEXT) for agent in one.agents[:AGENTS]),
        message=_cut(one.message, LONG),
    )


def _evidence(
    found: tuple[Evidence, ...], most: int = EVIDENCE, fact: int = LONG
) -> tuple[Evidence, ...]:
    if len(found) > most:
        sides = {(e.language, e.libc, e.decides): e for e in reversed(found)}
        first = set(map(id, sides.values()))
        found = tuple(sorted(found, key=lambda e: id(e) not in first))[:most]
    return tuple(
        replace(one, fact=_cut(one.fact, fact), version=_whole(one.version, SHORT)) for one in found
    )


def _cut(text: str, most: int) -> str:
    text = text.encode("utf-8", "replace").decode()
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _whole(text: str | None, most: int) -> str | None:
    return text if text is not None and _fits(text, most) else None


def _fits(text: str, most: int) -> bool:
    """Whether it is short enough, and text: JSON may hold halves of characters."""
    return len(text) <= most and text.encode("utf-8", "ignore").decode() == text


def _is_name(text: str, most: int) -> bool:
    """Names of variables, images and platforms are of such characters; they take one byte each."""
    return len(text) <= most and text.isascii() and text.isprintable()


# What goes first where a profile is too large all the same, one after the other.


def _fewer_references(profile: Profile) -> Profile:
    return replace(profile, references=_references(profile.references, REFERENCES // 2))


def _fewer_commands(profile: Profile) -> Profile:
    return replace(profile, commands=profile.commands[-8:])


def _fewer_platforms(profile: Profile) -> Profile:
    return replace(profile, platforms=profile.platforms[:4])


def _less_evidence(profile: Profile) -> Profile:
    def less(image: Image) -> Image:
        return replace(image, evidence=_evidence(image.evidence, EVIDENCE // 2, SHORT))

    commands = (
        replace(
            one,
            evidence=_evidence(one.evidence, EVIDENCE // 2, SHORT),
            message=_cut(one.message, SHORT),
        )
        for one in profile.commands
    )
    return replace(_of_images(profile, less), commands=tuple(commands))


def _without_values(profile: Profile) -> Profile:
    return _of_images(
        profile, lambda image: replace(image, environment=dict.fromkeys(image.environment))
    )


def _without_entries(profile: Profile) -> Profile:
    return _of_images(profile, without_entry)


def _one_of_each(profile: Profile) -> Profile:
    return replace(
        profile,
        references=_references(profile.references, 8),
        platforms=profile.platforms[:1],
        commands=profile.commands[-1:],
        lacking=profile.lacking[:4],
    )


def _of_images(profile: Profile, change: Callable[[Image], Image]) -> Profile:
    platforms = tuple(replace(one, image=change(one.image)) for one in profile.platforms)
    return replace(profile, platforms=platforms)


FEWER: tuple[Callable[[Profile], Profile], ...] = (
    _fewer_references,
    _fewer_commands,
    _fewer_platforms,
    _less_evidence,
    _without_values,
    _without_entries,
    _one_of_each,
)
