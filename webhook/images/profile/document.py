"""The object in the cluster, field by field: msgspec checks what comes in by these types.

`spec` says what the profile is of, `status` what was learnt of it. There is no status subresource:
both come from one place at one time, and one request writes them. The resource's schema
(manifests/base/crds/imageprofiles.yaml) has the same bounds.
"""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from webhook.images.profile.model import State
from webhook.model import Libc

Time = Annotated[datetime, Meta(tz=True)]
Count = Annotated[int, Meta(ge=0, le=2**53)]
Seconds = Annotated[float, Meta(ge=0, le=2**53)]
Digest = Annotated[
    str,
    Meta(pattern="^sha(256:[0-9a-f]{64}|384:[0-9a-f]{96}|512:[0-9a-f]{128})$", max_length=135),
]
Key = Annotated[str, Meta(pattern="^[0-9a-f]{64}$", max_length=64)]
Short = Annotated[str, Meta(max_length=64)]
Text = Annotated[str, Meta(max_length=128)]
Long = Annotated[str, Meta(max_length=1024)]
Value = Annotated[str, Meta(max_length=4096)]
Word = Annotated[str, Meta(max_length=8192)]
Words = Annotated[list[Word], Meta(max_length=256)]
Names = Annotated[list[Text], Meta(max_length=16)]


class EvidenceDocument(Struct, omit_defaults=True):
    """One thing seen, without where: that follows from where it stands."""

    fact: Long
    language: Short | None = None
    version: Short | None = None
    libc: Libc | None = None
    decides: bool = True


Evidences = Annotated[list[EvidenceDocument], Meta(max_length=64)]


class ReferenceDocument(Struct):
    """A tag that was seen to point here."""

    name: Annotated[str, Meta(max_length=512)]
    resolved: Time


class VariableDocument(Struct, omit_defaults=True):
    """A variable of the image, in the image's order; without a value where that is not kept."""

    name: Text
    value: Value | None = None


class PlatformDocument(Struct, omit_defaults=True, rename="camel"):
    """What the image of one platform says."""

    platform: Short
    digest: Digest
    architecture: Short | None = None
    entrypoint: Words = field(default_factory=list)
    cmd: Words = field(default_factory=list)
    entry_known: bool = True
    environment: Annotated[list[VariableDocument], Meta(max_length=96)] = field(
        default_factory=list
    )
    user: Text = ""
    working_directory: Long = ""
    evidence: Evidences = field(default_factory=list)


class CommandDocument(Struct, omit_defaults=True, rename="camel"):
    """What the layers tell of one command line."""

    key: Key
    state: State
    language: Short | None = None
    version: Short | None = None
    libc: Libc | None = None
    agents: Names = field(default_factory=list)
    message: Long = ""
    evidence: Evidences = field(default_factory=list)
    budget_bytes: Count = 0
    budget_seconds: Seconds = 0.0


class LearntDocument(Struct):
    """When and how it was learnt."""

    at: Time
    by: Short
    requests: Count = 0
    bytes: Count = 0


class Summary(Struct, omit_defaults=True):
    """What a container runs that has no command of its own: for people, nobody reads it back."""

    language: Short = ""
    version: Short = ""
    libc: Short = ""
    reason: Short = ""
    references: Long = ""


class Spec(Struct):
    """What the profile is of."""

    digest: Digest
    references: Annotated[list[ReferenceDocument], Meta(max_length=64)] = field(
        default_factory=list
    )


class Status(Struct, omit_defaults=True, rename="camel"):
    """What was learnt."""

    revision: Count
    learnt: LearntDocument
    last_used: Time | None = None
    summary: Summary = field(default_factory=Summary)
    platforms: Annotated[list[PlatformDocument], Meta(max_length=32)] = field(default_factory=list)
    lacking: Annotated[list[Short], Meta(max_length=32)] = field(default_factory=list)
    commands: Annotated[list[CommandDocument], Meta(max_length=64)] = field(default_factory=list)


class Metadata(Struct):
    """The name; the rest is the API server's."""

    name: str


class Document(Struct, rename="camel"):
    """The whole object."""

    metadata: Metadata
    spec: Spec
    status: Status
    api_version: Literal["spanhook.dev/v1alpha1"] = "spanhook.dev/v1alpha1"
    kind: Literal["ImageProfile"] = "ImageProfile"
