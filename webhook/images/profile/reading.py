"""What is believed of an object in the cluster.

It may come from anybody with the right to write one: what does not hold is an error that names the
field, never a fact. All evidence of a platform is the image's own, and all of a command the
layers': an object cannot claim more trust than that.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from webhook.images.profile.document import (
    CommandDocument,
    Document,
    EvidenceDocument,
    PlatformDocument,
    ReferenceDocument,
    Status,
)
from webhook.images.profile.model import Command, Learnt, PlatformFacts, Profile, Reference, name
from webhook.languages import BY_NAME
from webhook.model import Evidence, Image, Source


def read(object_: Mapping[str, Any]) -> Profile:
    """The profile that an object of the cluster says. Raises ValueError, which names the field."""
    document = _document(object_)
    spec, status = document.spec, document.status
    if document.metadata.name != name(spec.digest):
        raise ValueError("metadata.name: expected the digest's, with '-' for ':'")
    references = enumerate(spec.references)
    platforms, commands = enumerate(status.platforms), enumerate(status.commands)
    return Profile(
        spec.digest,
        tuple(_reference(one, f"spec.references[{index}]") for index, one in references),
        tuple(_platform(one, f"status.platforms[{index}]") for index, one in platforms),
        tuple(_command(one, f"status.commands[{index}]") for index, one in commands),
        _learnt(status),
        status.revision,
        _utc(status.last_used, "status.lastUsed") if status.last_used else None,
        tuple(status.lacking),
    )


def _document(object_: Mapping[str, Any]) -> Document:
    try:
        return msgspec.convert(object_, Document)
    except msgspec.ValidationError as error:
        said, _, path = str(error).partition(" - at `")
        field = path.strip("`$.") or "the object"
        raise ValueError(f"{field}: {said[:1].lower()}{said[1:]}") from None


def _utc(time: datetime, field: str) -> datetime:
    try:
        return time.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{field}: {time} is no time in UTC") from None


def _reference(one: ReferenceDocument, field: str) -> Reference:
    return Reference(one.name, _utc(one.resolved, f"{field}.resolved"))


def _learnt(status: Status) -> Learnt:
    learnt = status.learnt
    return Learnt(_utc(learnt.at, "status.learnt.at"), learnt.by, learnt.requests, learnt.bytes)


def _platform(one: PlatformDocument, field: str) -> PlatformFacts:
    image = Image(
        tuple(one.entrypoint),
        tuple(one.cmd),
        {variable.name: variable.value for variable in one.environment},
        user=one.user,
        architecture=one.architecture,
        evidence=_evidence(one.evidence, Source.IMAGE, field),
        working_directory=one.working_directory,
        entry_known=one.entry_known,
    )
    return PlatformFacts(one.platform, one.digest, image)


def _command(one: CommandDocument, field: str) -> Command:
    return Command(
        one.key,
        _evidence(one.evidence, Source.LAYERS, field),
        _language(one.language, field),
        one.version,
        one.libc,
        tuple(one.agents),
        one.state,
        one.message,
        one.budget_bytes,
        one.budget_seconds,
    )


def _evidence(found: list[EvidenceDocument], source: Source, field: str) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(
            source,
            one.fact,
            _language(one.language, f"{field}.evidence[{index}]"),
            one.version,
            one.libc,
            one.decides,
        )
        for index, one in enumerate(found)
    )


def _language(name_: str | None, field: str) -> str | None:
    if name_ is None or name_ in BY_NAME or name_.startswith("~"):
        return name_
    raise ValueError(f"{field}.language: {name_!r} is no language that is known here")
