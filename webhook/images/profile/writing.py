"""The object of a profile."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from webhook.choice import choose
from webhook.commandline import resolve
from webhook.evidence import gather
from webhook.images.profile.bounds import FEWER, bounded
from webhook.images.profile.document import (
    CommandDocument,
    Document,
    EvidenceDocument,
    LearntDocument,
    Metadata,
    PlatformDocument,
    ReferenceDocument,
    Spec,
    Status,
    Summary,
    VariableDocument,
)
from webhook.images.profile.model import Command, PlatformFacts, Profile, name
from webhook.images.profile.platforms import image
from webhook.model import EMPTY, Evidence, Skip

LARGEST = 64 << 10
"""Bytes of an object as JSON. Ordinary ones have one or two thousand."""


def write(profile: Profile) -> dict[str, Any]:
    """The whole object, for a server-side apply, of at most `LARGEST` bytes.

    `read` gives the same profile, with times to the second, unless something of it had to be cut
    (`webhook.images.profile.bounds`). Raises ValueError where `digest` is no digest.
    """
    profile = bounded(profile)
    document = _document(profile)
    for fewer in FEWER:
        if len(msgspec.json.encode(document)) <= LARGEST:
            break
        profile = fewer(profile)
        document = _document(profile)
    written: dict[str, Any] = msgspec.to_builtins(document)
    return written


def _document(profile: Profile) -> Document:
    learnt = profile.learnt
    used = profile.last_used
    return Document(
        Metadata(name(profile.digest)),
        Spec(
            profile.digest,
            [ReferenceDocument(one.name, _second(one.resolved)) for one in profile.references],
        ),
        Status(
            profile.revision,
            LearntDocument(_second(learnt.at), learnt.by, learnt.requests, learnt.bytes),
            _second(used) if used else None,
            _summary(profile),
            [_platform(one) for one in profile.platforms],
            list(profile.lacking),
            [_command(one) for one in profile.commands],
        ),
    )


def _second(time: datetime) -> datetime:
    return time.astimezone(UTC).replace(microsecond=0)


def _summary(profile: Profile) -> Summary:
    """What is told of a container without a command of its own."""
    known = image(profile)
    evidence, _ = gather(EMPTY, resolve(EMPTY, known), known, (), ())
    chosen = choose(evidence)
    references = _named(profile)
    if isinstance(chosen, Skip):
        return Summary(reason=chosen.reason.value, references=references)
    versions = (one.version for one in evidence if one.language == chosen and one.version)
    libc = (one.libc for one in evidence if one.libc)
    return Summary(chosen, next(versions, ""), next(libc, ""), references=references)


def _named(profile: Profile) -> str:
    """The youngest reference, and how many more there are: kubectl shows no list."""
    if not profile.references:
        return ""
    youngest = max(profile.references, key=lambda one: one.resolved).name
    more = len(profile.references) - 1
    return f"{youngest} and {more} more" if more else youngest


def _platform(one: PlatformFacts) -> PlatformDocument:
    known = one.image
    return PlatformDocument(
        one.platform,
        one.digest,
        known.architecture,
        list(known.entrypoint),
        list(known.cmd),
        known.entry_known,
        [VariableDocument(key, value) for key, value in known.environment.items()],
        known.user,
        known.working_directory,
        _evidence(known.evidence),
    )


def _command(one: Command) -> CommandDocument:
    return CommandDocument(
        one.key,
        one.state,
        one.language,
        one.version,
        one.libc,
        list(one.agents),
        one.message,
        _evidence(one.evidence),
        one.budget_bytes,
        one.budget_seconds,
    )


def _evidence(found: tuple[Evidence, ...]) -> list[EvidenceDocument]:
    return [
        EvidenceDocument(one.fact, one.language, one.version, one.libc, one.decides)
        for one in found
    ]
