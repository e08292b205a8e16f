"""What is read and kept of workloads and pods: what tells which images they want, and no more.

What is kept has the shape of a pod, so that what decides about pods reads it, and is kept as JSON,
once for all replicas of a workload. Of variables there are names that are a hint, and PATH. An
object with more than `_LARGEST` bytes of that is not kept, and its images are learnt at admission:
it may have a megabyte, and objects of all namespaces are kept.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final
from weakref import WeakValueDictionary

import msgspec

from kube.paths import path
from webhook import hints, status
from webhook.annotations import PREFIXES
from webhook.model import Object
from webhook.optin import LABEL, MIRROR
from webhook.placement import ARCHITECTURE
from webhook.structure import AGENTS

_SELECTORS: Final = (ARCHITECTURE, "kubernetes.io/os")
_PATH: Final = "PATH"
_FIELDS: Final = ("name", "image", "command", "args", "workingDir", "restartPolicy")
_SECTIONS: Final = ("containers", "initContainers")

_LARGEST: Final = 16 << 10
"""Bytes of JSON that are kept of an object. Most take some hundred, a script a few thousand."""

_Entries = list[dict[str, Any]]


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Lean:
    """A pod or a template, as JSON."""

    json: bytes

    def pod(self) -> Object:
        """As the core reads pods."""
        found: dict[str, Any] = msgspec.json.decode(self.json)
        return found

    @property
    def is_fleeting(self) -> bool:
        """Whether it is a pod's or a Job's: there may be any number, each with other arguments."""
        return bool(self.pod().get("fleeting"))

    @property
    def running(self) -> Mapping[str, str]:
        """Container → digest of the image that it runs, where a node has told."""
        found: dict[str, str] = self.pod().get("running", {})
        return found


_shared: WeakValueDictionary[bytes, Lean] = WeakValueDictionary()


class _Metadata(msgspec.Struct):
    name: str = ""
    namespace: str = ""
    uid: str = ""
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None


class _Os(msgspec.Struct):
    name: str = ""


class _Secret(msgspec.Struct):
    name: str = ""


class _Variable(msgspec.Struct, omit_defaults=True):
    name: str
    value: str | msgspec.UnsetType = msgspec.UNSET


class _Container(msgspec.Struct, rename="camel", omit_defaults=True):
    name: str
    image: str = ""
    command: list[str] | None = None
    args: list[str] | None = None
    working_dir: str = ""
    restart_policy: str = ""
    env: list[_Variable] | None = None

    def __post_init__(self) -> None:
        """Let go of variables that nobody reads."""
        self.env = [one for one in self.env or () if _is_read(one)] or None
        for one in self.env or ():
            if one.name != _PATH:
                one.value = msgspec.UNSET


class _PodSpec(msgspec.Struct, rename="camel"):
    containers: list[_Container] | None = None
    init_containers: list[_Container] | None = None
    node_selector: dict[str, str] | None = None
    image_pull_secrets: list[_Secret] | None = None
    os: _Os | None = None


class _Template(msgspec.Struct):
    metadata: _Metadata | None = None
    spec: _PodSpec | None = None


class _JobSpec(msgspec.Struct):
    template: _Template | None = None


class _JobTemplate(msgspec.Struct):
    spec: _JobSpec | None = None


class _WorkloadSpec(msgspec.Struct, rename="camel"):
    template: _Template | None = None
    job_template: _JobTemplate | None = None


class Workload(msgspec.Struct):
    """A Deployment, StatefulSet, DaemonSet or CronJob, of which only `lean` is kept."""

    is_fleeting: ClassVar[bool] = False
    """Whether there may be any number of them, one after the other, each with other arguments."""
    metadata: _Metadata
    spec: _WorkloadSpec | None = None
    lean: Lean | None = None

    def __post_init__(self) -> None:
        """Make it lean before the next one is decoded."""
        template = _template(self.spec)
        self.spec = None
        if template is not None and template.spec is not None:
            metadata = template.metadata or _Metadata()
            self.lean = _lean(metadata, template.spec, {"fleeting": self.is_fleeting})


class _Condition(msgspec.Struct):
    type: str = ""
    status: str = ""


class _JobStatus(msgspec.Struct, rename="camel"):
    completion_time: str | None = None
    conditions: list[_Condition] | None = None


class Job(Workload):
    """A Job, of which nothing is kept once it has ended: it stays, but starts no more pods."""

    is_fleeting: ClassVar[bool] = True
    status: _JobStatus | None = None

    def __post_init__(self) -> None:
        """Make it lean before the next one is decoded."""
        if _has_ended(self.status):
            self.spec = None
        self.status = None
        Workload.__post_init__(self)


class _ContainerStatus(msgspec.Struct, rename="camel"):
    name: str = ""
    image_id: str = msgspec.field(default="", name="imageID")


class _PodStatus(msgspec.Struct, rename="camel"):
    container_statuses: list[_ContainerStatus] | None = None
    init_container_statuses: list[_ContainerStatus] | None = None


class Pod(msgspec.Struct):
    """A pod, of which only `lean` is kept."""

    metadata: _Metadata
    spec: _PodSpec | None = None
    status: _PodStatus | None = None
    lean: Lean | None = None

    def __post_init__(self) -> None:
        """Make it lean before the next one is decoded."""
        if self.spec is not None:
            more = {"fleeting": True, "running": dict(_running(self.status))}
            self.lean = _lean(self.metadata, self.spec, more)
        self.spec = self.status = None


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind that is watched; `shape` is what of it is read."""

    kind: str
    api_version: str
    plural: str
    shape: type[Workload] | type[Pod] = Workload
    field_selector: str = ""

    @property
    def path(self) -> str:
        """Where all of them are."""
        return path(self.api_version, self.plural)


KINDS: Final = (
    Kind("Deployment", "apps/v1", "deployments"),
    Kind("StatefulSet", "apps/v1", "statefulsets"),
    Kind("DaemonSet", "apps/v1", "daemonsets"),
    Kind("CronJob", "batch/v1", "cronjobs"),
    Kind("Job", "batch/v1", "jobs", Job),
    # Not those that have ended: nothing of theirs is used any more.
    Kind("Pod", "v1", "pods", Pod, "status.phase!=Succeeded,status.phase!=Failed"),
)


def _template(spec: _WorkloadSpec | None) -> _Template | None:
    if spec is not None and spec.job_template is not None:
        return spec.job_template.spec.template if spec.job_template.spec else None
    return spec.template if spec is not None else None


def _has_ended(status: _JobStatus | None) -> bool:
    """Whether a Job is complete or has failed; a suspended one may go on."""
    if status is None:
        return False
    ends = [one.type for one in status.conditions or () if one.status == "True"]
    return bool(status.completion_time) or "Failed" in ends


def _lean(metadata: _Metadata, spec: _PodSpec, more: Mapping[str, object]) -> Lean | None:
    """What is kept, with `more`: one object for all who have the same; None where it is large."""
    labels, annotations = metadata.labels or {}, metadata.annotations or {}
    selector = spec.node_selector or {}
    kept = {
        "metadata": {
            "labels": {LABEL: labels[LABEL]} if LABEL in labels else {},
            "annotations": {key: value for key, value in annotations.items() if _is_wish(key)},
        },
        "spec": {
            "containers": spec.containers or [],
            # The init containers that we inject are nobody's to learn of.
            "initContainers": [o for o in spec.init_containers or () if o.name not in AGENTS],
            "nodeSelector": {key: selector[key] for key in _SELECTORS if key in selector},
            "imagePullSecrets": [{"name": one.name} for one in spec.image_pull_secrets or ()],
            "os": {"name": spec.os.name if spec.os else ""},
        },
        **more,
    }
    lean = Lean(msgspec.json.encode(kept, order="deterministic"))
    if len(lean.json) > _LARGEST:
        return None
    return _shared.setdefault(lean.json, lean)


def _is_wish(annotation: str) -> bool:
    """Whether people say something by it; what we write ourselves differs from pod to pod."""
    if annotation in status.OWN_ANNOTATIONS:
        return False
    return annotation == MIRROR or annotation.startswith(PREFIXES)


def _is_read(variable: _Variable) -> bool:
    return variable.name == _PATH or hints.of_variable(variable.name) is not None


def _running(found: _PodStatus | None) -> Iterator[tuple[str, str]]:
    if found is None:
        return
    for one in (*(found.container_statuses or ()), *(found.init_container_statuses or ())):
        # registry/app@sha256:…; an image that was imported has an identity of another kind.
        _, at, digest = one.image_id.rpartition("@")
        if at:
            yield one.name, digest
