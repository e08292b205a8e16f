"""The object in the cluster, field by field: msgspec checks what comes in by these types.

`spec` says which language each container runs, `status` what was seen beside it; entries belong
together by container and digest. The resource's schema
(manifests/base/crds/instrumentedapplications.yaml) has the same bounds.
"""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

ENTRIES, AGENTS, WORDS, PROBES = 64, 8, 8, 32
"""As many as the resource's schema has room for."""

Time = Annotated[datetime, Meta(tz=True)]
Digest = Annotated[
    str,
    Meta(pattern="^sha(256:[0-9a-f]{64}|384:[0-9a-f]{96}|512:[0-9a-f]{128})$", max_length=135),
]
Key = Annotated[str, Meta(pattern="^[0-9a-f]{64}$", max_length=64)]
Short = Annotated[str, Meta(max_length=64)]
Text = Annotated[str, Meta(max_length=256)]
Long = Annotated[str, Meta(max_length=1024)]


class LanguageDocument(Struct, omit_defaults=True, rename="camel"):
    """What a container with an image runs."""

    container_name: Text
    digest: Digest
    language: Short | None = None
    process_name: Text = ""
    command_key: Key | None = None


class ProbeDocument(Struct):
    """A probe of the node agent's, and whether it is on."""

    name: Short
    state: Text


class ObservationDocument(Struct, omit_defaults=True, rename="camel"):
    """What else was seen of it."""

    container_name: Text
    digest: Digest
    last_seen: Time
    version: Short = ""
    libc: Literal["glibc", "musl", "static"] | None = None
    agents: Annotated[list[Short], Meta(max_length=AGENTS)] = field(default_factory=list)
    command: Annotated[list[Text], Meta(max_length=WORDS)] = field(default_factory=list)
    probes: Annotated[list[ProbeDocument], Meta(max_length=PROBES)] = field(default_factory=list)


class WorkloadDocument(Struct):
    """What the containers are of."""

    kind: Short
    name: Text


class Spec(Struct):
    """Which languages."""

    workload: WorkloadDocument
    languages: Annotated[list[LanguageDocument], Meta(max_length=ENTRIES)] = field(
        default_factory=list
    )


class Status(Struct, omit_defaults=True):
    """What was seen; `summary` is for people, nobody reads it back."""

    observations: Annotated[list[ObservationDocument], Meta(max_length=ENTRIES)] = field(
        default_factory=list
    )
    summary: Long = ""


class Metadata(Struct):
    """Where it is; the rest is the API server's."""

    name: str
    namespace: str


class Document(Struct, rename="camel"):
    """The whole object; the status comes a moment after the rest."""

    metadata: Metadata
    spec: Spec
    status: Status = field(default_factory=Status)
    api_version: Literal["spanhook.dev/v1alpha1"] = "spanhook.dev/v1alpha1"
    kind: Literal["InstrumentedApplication"] = "InstrumentedApplication"
