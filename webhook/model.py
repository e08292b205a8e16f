"""The values that travel through the core.

Pods stay what they are on the wire, plain JSON (`dict`, `list`, `str`, …): a field that this
version does not know survives because nobody converts it. What the core makes of a pod is frozen.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Literal

import msgspec

from webhook.reasons import Reason
from webhook.value import Value

Json = Any
Object = Mapping[str, Any]
"""A JSON object that is only read."""

Libc = Literal["glibc", "musl"]
Section = Literal["containers", "initContainers"]

EMPTY: Mapping[str, Any] = MappingProxyType({})

NATIVE = "~native"
"""What stands for a language where a runtime of ours compiled the program ahead of time."""
WINDOWS = "~Windows"
"""What stands for a language where the image is built for Windows, whatever runs in it."""


def nothing() -> Mapping[str, Any]:
    """`EMPTY`, from a factory: before Python 3.12 a mapping proxy is no default of a dataclass."""
    return EMPTY


class Source(StrEnum):
    """Where a piece of evidence was found, in order of trust."""

    ANNOTATION = "annotation"
    OBSERVED = "observed"
    COMMAND = "command"
    IMAGE = "image"
    ENVIRONMENT = "environment"
    REPOSITORY = "repository"
    LAYERS = "layers"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing seen that tells something about what a container runs.

    `decides` is False for a hint that is never enough to inject by itself.
    `language` is a name of `webhook.languages.LANGUAGES`, "~" and a name for what is none of them,
    or None when only version or libc is told.
    """

    source: Source
    fact: str
    language: str | None = None
    version: str | None = None
    libc: Libc | None = None
    decides: bool = True


class Target(Value):
    """One container of a pod: which list it stands in, where, and its JSON as received."""

    section: Section
    index: int
    container: Object
    name: str

    @property
    def path(self) -> str:
        """The container's JSON Pointer in the pod."""
        return f"/spec/{self.section}/{self.index}"


class Inject(Value):
    """The container gets its language's agent."""

    language: str
    version: str | None = None
    libc: Libc | None = None
    evidence: tuple[Evidence, ...] = ()
    message: str = ""


@dataclass(frozen=True, slots=True)
class Skip:
    """The container stays as it is: `message` says what was seen, the reason's table what to do."""

    reason: Reason
    message: str = ""
    language: str | None = None
    version: str | None = None
    libc: Libc | None = None
    evidence: tuple[Evidence, ...] = ()


Decision = Inject | Skip


class Decided(Value):
    """A container and what was decided about it."""

    target: Target
    decision: Decision
    notes: tuple[str, ...] = ()
    """Sentences for a person beside the decision: probes that start the runtime, and the like."""


class Owner(Value):
    """The workload of a pod, as a person names it: a Deployment, not its ReplicaSet."""

    kind: str
    name: str
    replica_set: str | None = None
    job: str | None = None


@dataclass(frozen=True, slots=True)
class Namespace:
    """What a decision reads of a namespace. A manifest may leave the name to kubectl: None."""

    name: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Image:
    """What is known of an image: what its configuration says, or what was learnt of it once.

    Made by `webhook.images.configuration.read` and `webhook.images.profile.image`.
    `entrypoint`, `cmd` and `environment` are as in the OCI image specification; `evidence` is what
    `webhook.images.evidence` made of labels, environment and history. A variable's value is None
    where it was not kept. `layers`: what the layers tell of one command line, by its
    `webhook.images.profile.command_key`.
    """

    entrypoint: tuple[str, ...] = ()
    cmd: tuple[str, ...] = ()
    environment: Mapping[str, str | None] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    user: str = ""
    architecture: str | None = None
    evidence: tuple[Evidence, ...] = ()
    working_directory: str = ""
    layers: Mapping[str, tuple[Evidence, ...]] = field(default_factory=nothing)
    entry_known: bool = True
    """False where `entrypoint` and `cmd` are empty because they could not be told or kept."""


@dataclass(frozen=True, slots=True)
class Absence:
    """Why an image that was asked for is not known; `message` is a sentence for a person.

    `reason` is IMAGE_PENDING (it will be known to a later pod) or IMAGE_UNREACHABLE.
    """

    reason: Reason
    message: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known beside the pod itself; everything is read from memory.

    `images`: canonical image reference (`webhook.images.reference.canonical`) → its configuration.
    `config_maps`: (namespace or "", name) → data; one that is not here is unknown, not empty. A
    value is None where it was not kept because nothing reads it (`webhook.configmaps`).
    `absent`: canonical image reference → why its image is not known. Only what was asked for and
    did not come is there; what nobody asked for is in neither.
    `observed`: `webhook.observed.Key` → `Observed`, what node agents saw run. `digests`: canonical
    image reference by tag → the digest that it points to; a tag that is not here is anybody's.
    """

    images: Mapping[str, Image] = field(default_factory=dict)
    config_maps: Mapping[tuple[str, str], Mapping[str, str | None]] = field(default_factory=dict)
    absent: Mapping[str, Absence] = field(default_factory=nothing)
    observed: Mapping[Any, Any] = field(default_factory=nothing)
    digests: Mapping[str, str] = field(default_factory=nothing)


class Context(Value):
    """Whose pod it is.

    `opted_in` counts where no label speaks: True for the command line and `--standalone`.
    """

    namespace: Namespace = Namespace()
    owner: Owner | None = None
    opted_in: bool = False


class Operation(msgspec.Struct, frozen=True):
    """One operation of a JSON Patch (RFC 6902), as it goes over the wire.

    `remove` has no `value`. A Struct because an admission makes twenty: a frozen dataclass takes
    nine times as long, and has to be made a dict before it can be encoded.
    """

    op: Literal["add", "replace", "remove"]
    path: str
    value: Json | msgspec.UnsetType = msgspec.UNSET

    def to_json(self) -> dict[str, Json]:
        """The operation as plain JSON, for those who apply it."""
        return {
            name: value
            for name, value in msgspec.structs.asdict(self).items()
            if value is not msgspec.UNSET
        }


class Outcome(Value):
    """What `mutate` answers: operations as they apply in turn, decisions in the pod's order."""

    operations: tuple[Operation, ...] = ()
    decisions: tuple[Decided, ...] = ()
    warnings: tuple[str, ...] = ()
    failure: BaseException | None = None
