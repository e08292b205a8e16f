"""What `spanhook status` knows and says. Field names are a promise: they are the JSON's.

docs/status.md describes every field; a test holds it to the definitions here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from console.status.agents import NodeAgents

Section = Literal["webhook", "certificates", "images", "nodes", "pods"]


class Severity(StrEnum):
    """Whether something is wrong, or only worth knowing."""

    PROBLEM = "problem"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a person should know, as a sentence."""

    section: Section
    severity: Severity
    message: str


@dataclass(frozen=True, slots=True)
class Unread:
    """Something that could not be read, and the API server's words."""

    section: Section
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Deployment:
    """The webhook's Deployment. `versions` are the tags of its images."""

    desired: int
    ready: int
    updated: int
    versions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate authority in a caBundle."""

    subject: str
    fingerprint: str
    expires: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the MutatingWebhookConfiguration.

    `pods`: whether its rules are for pods that are created; `excess`: pods that it selects and
    should not. `verifies`: whether its caBundle has the authority of what every replica serves,
    None when that is not known; `bundle_problem`: what is wrong with the caBundle itself.
    """

    name: str
    target: str
    failure_policy: str
    timeout_seconds: int
    pods: bool
    excess: tuple[str, ...]
    authorities: tuple[Authority, ...]
    bundle_problem: str | None
    verifies: bool | None


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Addresses behind the Service."""

    ready: int
    total: int


class SettingsState(StrEnum):
    """Of the settings document."""

    VALID = "valid"
    DEFAULT = "default"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class SettingsStatus:
    """The settings document; `problems` has a line for each field that is wrong."""

    state: SettingsState
    problems: tuple[str, ...] = ()
    event: str | None = None


@dataclass(frozen=True, slots=True)
class Webhook:
    """The webhook itself; None for what is absent or could not be read.

    `missed`: the pods that should be sent to it and are not.
    """

    registered: bool | None
    missed: tuple[str, ...]
    deployment: Deployment | None
    entries: tuple[Entry, ...]
    endpoints: Endpoints | None
    settings: SettingsStatus | None


class Mode(StrEnum):
    """Who issues the webhook's certificates: it itself, cert-manager, or somebody else."""

    OWN = "own"
    CERT_MANAGER = "cert-manager"
    PROVIDED = "provided"


@dataclass(frozen=True, slots=True)
class Replica:
    """One replica as its own Lease tells of it. `fingerprint`: SHA-256 of the certificate served.

    `current` is False where its heartbeat is too old for it to be running.
    """

    name: str
    leader: bool
    current: bool
    heartbeat: datetime | None
    version: str | None
    fingerprint: str | None
    issuer: str | None
    expires: datetime | None


@dataclass(frozen=True, slots=True)
class Certificates:
    """Who issues, what is served, and when that changes.

    `rotation` is the step of a rotation that is under way.
    """

    mode: Mode | None
    issuer: str | None
    expires: datetime | None
    next_rotation: datetime | None
    rotation: str | None
    replicas: tuple[Replica, ...]


class State(StrEnum):
    """What a pod is, or a container."""

    INSTRUMENTED = "instrumented"
    PENDING = "pending"
    """Not instrumented, though it would be if it were created now."""
    SKIPPED = "skipped"
    OPTED_OUT = "optedOut"


class Cause(StrEnum):
    """Why a pod is pending."""

    BEFORE_INSTALLATION = "beforeInstallation"
    BEFORE_OPT_IN = "beforeOptIn"
    SINCE_OPT_IN = "sinceOptIn"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Container:
    """What containers of one name and one outcome are, and in how many of the workload's pods."""

    name: str
    state: State
    language: str | None
    reason: str | None
    message: str
    pods: int


@dataclass(frozen=True, slots=True)
class Remedy:
    """What to do about pending pods.

    `command` is a line for a shell, None where only `advice` helps. `needed` is False where the
    workload mends itself: a CronJob's next run, say.
    """

    command: str | None
    advice: str | None = None
    needed: bool = True


class ImageState(StrEnum):
    """What is not known of an image, the worst first."""

    UNREACHABLE = "unreachable"
    """It has no profile: its registry does not say what it is."""
    UNDECIDED = "undecided"
    """Neither its configuration nor its layers tell what a container of it runs."""
    UNREAD = "unread"
    """Its layers are still to be read."""
    UNKNOWN = "unknown"
    """It has no profile yet."""


@dataclass(frozen=True, slots=True)
class OpenImage:
    """An image that opted-in pods use, and of which something is not known that could count.

    `reference` is canonical. `containers` have it now, `skipped` of them are left alone for it.
    """

    reference: str
    state: ImageState
    message: str
    namespaces: tuple[str, ...]
    containers: int
    skipped: int
    remedy: Remedy


@dataclass(frozen=True, slots=True)
class ImageInspection:
    """What is known of images. `enabled`: whether the webhook asks registries.

    `profiles` is how many there are, None where they could not be read; `bad` has a line for each
    that was left out. `defined`: whether the cluster has the resource.
    """

    enabled: bool
    defined: bool
    profiles: int | None
    bad: tuple[str, ...] = ()
    open: tuple[OpenImage, ...] = ()


@dataclass(frozen=True, slots=True)
class Counts:
    """Pods by state."""

    pods: int
    instrumented: int
    pending: int
    skipped: int
    opted_out: int


@dataclass(frozen=True, slots=True)
class Workload:
    """The pods of one workload; `remedy` is None where none is pending."""

    kind: str
    name: str
    counts: Counts
    causes: Mapping[Cause, int]
    containers: tuple[Container, ...]
    remedy: Remedy | None = None


@dataclass(frozen=True, slots=True)
class NamespaceStatus:
    """Opted-in pods of one namespace.

    `opted_in`: by its own label; else the pods' labels count. None where it could not be read.
    `reached`: whether the API server sends the namespace's pods to the webhook.
    """

    name: str
    opted_in: bool | None
    reached: bool
    counts: Counts
    workloads: tuple[Workload, ...]


@dataclass(frozen=True, slots=True)
class Status:
    """Everything, as it was `at` a time. It is healthy when no finding is a problem."""

    at: datetime
    healthy: bool
    findings: tuple[Finding, ...]
    unread: tuple[Unread, ...]
    webhook: Webhook
    certificates: Certificates
    images: ImageInspection
    nodes: NodeAgents
    namespaces: tuple[NamespaceStatus, ...]
