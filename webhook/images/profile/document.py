"""The object in the cluster: what is written, and what is believed of what is read.

`spec` says what the profile is of, `status` what was learnt of it. There is no status subresource:
both come from one place at one time, and one request writes them.

An object may come from anybody with the right to write one: what does not hold is a ValueError
that names the field, never a fact. All evidence of a platform is the image's own, all of a command
the layers': an object cannot claim more trust than that.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

from webhook.images.profile.model import (
    Command,
    Learnt,
    PlatformFacts,
    Profile,
    Reference,
    State,
    name,
)
from webhook.languages import BY_NAME
from webhook.model import Evidence, Image, Libc, Source

VERSION = "spanhook.dev/v1alpha1"
KIND = "ImageProfile"

T = TypeVar("T")
Time = Annotated[datetime, Meta(tz=True)]
Count = Annotated[int, Meta(ge=0, le=2**53)]
Digest = Annotated[str, Meta(pattern="^sha(256:[0-9a-f]{64}|384:[0-9a-f]{96}|512:[0-9a-f]{128})$")]
Key = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
Short = Annotated[str, Meta(max_length=64)]
Text = Annotated[str, Meta(max_length=256)]
Long = Annotated[str, Meta(max_length=1024)]
Name = Annotated[str, Meta(max_length=512)]
Value = Annotated[str, Meta(max_length=4096)]
Word = Annotated[str, Meta(max_length=16384)]
Words = Annotated[list[Word], Meta(max_length=256)]
Names = Annotated[list[Text], Meta(max_length=128)]
Values = Annotated[dict[Text, Value], Meta(max_length=128)]


class EvidenceDocument(Struct, omit_defaults=True):
    """One piece of evidence, without its source."""

    fact: Long
    language: Short | None = None
    version: Short | None = None
    libc: Libc | None = None
    decides: bool = True


Evidences = Annotated[list[EvidenceDocument], Meta(max_length=64)]


class ReferenceDocument(Struct):
    """A tag that was seen to point here."""

    name: Name
    resolved: Time


class PlatformDocument(Struct, omit_defaults=True, rename="camel"):
    """What the image of one platform says."""

    platform: Short
    digest: Digest
    architecture: Short | None = None
    entrypoint: Words = []
    cmd: Words = []
    entry_known: bool = True
    environment: Values = {}
    variables: Names = []
    user: Text = ""
    working_directory: Long = ""
    evidence: Evidences = []


class CommandDocument(Struct, omit_defaults=True):
    """What the layers tell of one command line."""

    key: Key
    state: State
    language: Short | None = None
    version: Short | None = None
    libc: Libc | None = None
    agents: Names = []
    message: Long = ""
    evidence: Evidences = []


class LearntDocument(Struct):
    """When and how it was learnt."""

    at: Time
    by: Short
    requests: Count = 0
    bytes: Count = 0


class Summary(Struct, omit_defaults=True):
    """What a container of the image runs that has no command of its own; for people."""

    language: Short = ""
    version: Short = ""
    libc: Short = ""


class Spec(Struct):
    """What the profile is of."""

    digest: Digest
    references: Annotated[list[ReferenceDocument], Meta(max_length=64)] = []


class Status(Struct, omit_defaults=True, rename="camel"):
    """What was learnt."""

    revision: Count
    learnt: LearntDocument
    last_used: Time | None = None
    summary: Summary | None = None
    platforms: Annotated[list[PlatformDocument], Meta(max_length=32)] = []
    commands: Annotated[list[CommandDocument], Meta(max_length=64)] = []


class Metadata(Struct):
    """The name."""

    name: str


class Document(Struct, rename="camel"):
    """The whole object."""

    api_version: Literal["spanhook.dev/v1alpha1"]
    kind: Literal["ImageProfile"]
    metadata: Metadata
    spec: Spec
    status: Status


def read(object_: Mapping[str, Any]) -> Profile:
    """The profile that an object of the cluster says. Raises ValueError, which names the field."""
    document = _converted(object_)
    if document.metadata.name != name(document.spec.digest):
        raise ValueError("metadata.name: expected the digest's, with '-' for ':'")
    spec, status = document.spec, document.status
    return Profile(
        spec.digest,
        tuple(Reference(one.name, _utc(one.resolved)) for one in spec.references),
        tuple(
            _platform(one, f"status.platforms[{index}]")
            for index, one in enumerate(status.platforms)
        ),
        tuple(
            _command(one, f"status.commands[{index}]") for index, one in enumerate(status.commands)
        ),
        Learnt(
            _utc(status.learnt.at), status.learnt.by, status.learnt.requests, status.learnt.bytes
        ),
        status.revision,
        _utc(status.last_used) if status.last_used else None,
    )


def _converted(object_: Mapping[str, Any]) -> Document:
    try:
        return msgspec.convert(object_, Document)
    except msgspec.ValidationError as error:
        said, _, path = str(error).partition(" - at `$")
        field = path.strip("`.") or "the object"
        raise ValueError(f"{field}: {said[:1].lower()}{said[1:]}") from None


def _utc(time: datetime) -> datetime:
    return time.astimezone(UTC)


def _platform(one: PlatformDocument, field: str) -> PlatformFacts:
    image = Image(
        tuple(one.entrypoint),
        tuple(one.cmd),
        {**dict.fromkeys(one.variables), **one.environment},
        user=one.user,
        architecture=one.architecture,
        evidence=_evidence(one.evidence, Source.IMAGE, field),
        working_directory=one.working_directory,
        entry_known=one.entry_known,
    )
    return PlatformFacts(one.platform, one.digest, image)


def _command(one: CommandDocument, field: str) -> Command:
    _check_language(one.language, field)
    return Command(
        one.key,
        _evidence(one.evidence, Source.LAYERS, field),
        one.language,
        one.version,
        one.libc,
        tuple(one.agents),
        one.state,
        one.message,
    )


def _evidence(found: list[EvidenceDocument], source: Source, field: str) -> tuple[Evidence, ...]:
    for index, one in enumerate(found):
        _check_language(one.language, f"{field}.evidence[{index}]")
    return tuple(
        Evidence(source, one.fact, one.language, one.version, one.libc, one.decides)
        for one in found
    )


def _check_language(language: str | None, field: str) -> None:
    if language is not None and language not in BY_NAME and not language.startswith("~"):
        raise ValueError(f"{field}.language: {language!r} is no language that is known here")


def write(profile: Profile) -> dict[str, Any]:
    """The object that says a profile; `read` of it gives the same, times to the second."""
    document = _document(profile)
    return dict(msgspec.to_builtins(document))


def _document(profile: Profile) -> Document:
    learnt = profile.learnt
    return Document(
        "spanhook.dev/v1alpha1",
        "ImageProfile",
        Metadata(name(profile.digest)),
        Spec(
            profile.digest,
            [ReferenceDocument(one.name, _second(one.resolved)) for one in profile.references],
        ),
        Status(
            profile.revision,
            LearntDocument(_second(learnt.at), learnt.by, learnt.requests, learnt.bytes),
            _second(profile.last_used) if profile.last_used else None,
            None,
            [_platform_document(one) for one in profile.platforms],
            [_command_document(one) for one in profile.commands],
        ),
    )


def _second(time: datetime) -> datetime:
    return time.astimezone(UTC).replace(microsecond=0)


def _platform_document(one: PlatformFacts) -> PlatformDocument:
    image = one.image
    return PlatformDocument(
        one.platform,
        one.digest,
        image.architecture,
        list(image.entrypoint),
        list(image.cmd),
        image.entry_known,
        {key: value for key, value in image.environment.items() if value is not None},
        [key for key, value in image.environment.items() if value is None],
        image.user,
        image.working_directory,
        _evidence_documents(image.evidence),
    )


def _command_document(one: Command) -> CommandDocument:
    return CommandDocument(
        one.key,
        one.state,
        one.language,
        one.version,
        one.libc,
        list(one.agents),
        one.message,
        _evidence_documents(one.evidence),
    )


def _evidence_documents(found: tuple[Evidence, ...]) -> list[EvidenceDocument]:
    return [
        EvidenceDocument(one.fact, one.language, one.version, one.libc, one.decides)
        for one in found
    ]
