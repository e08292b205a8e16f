"""Where the pods stand in the documents that people write: one table of the kinds that make pods.

A pod template has the shape of a Pod (`metadata`, `spec`), so that what decides about pods reads
both. A kind that is not in the table passes through: what does not make pods is nobody's business.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType

from webhook import owner
from webhook.model import Object, Owner


@dataclass(frozen=True, slots=True)
class Workload:
    """A kind that makes pods: its API group, and the keys that lead to the pod in its document.

    `owns` is False for kinds whose document does not say what will own the pod; `owner_field` is
    the field of `Owner` that takes the object's own name beside the workload's.
    """

    kind: str
    group: str
    path: tuple[str, ...]
    owns: bool = True
    owner_field: str | None = None


@dataclass(frozen=True, slots=True)
class Template:
    """One pod of a document: the keys and indices that lead to it, and the workload it is of."""

    path: tuple[str | int, ...]
    pod: Object
    kind: str
    name: str
    namespace: str | None = None
    owner: Owner | None = None

    @property
    def pointer(self) -> str:
        """The pod's JSON Pointer (RFC 6901) in the document; empty when the document is the pod."""
        return "".join(f"/{str(key).replace('~', '~0').replace('/', '~1')}" for key in self.path)


_TEMPLATE = ("spec", "template")

WORKLOADS: tuple[Workload, ...] = (
    Workload("CronJob", "batch", ("spec", "jobTemplate", *_TEMPLATE)),
    Workload("DaemonSet", "apps", _TEMPLATE),
    Workload("Deployment", "apps", _TEMPLATE),
    Workload("Job", "batch", _TEMPLATE, owner_field="job"),
    Workload("Pod", "", (), owns=False),
    Workload("PodTemplate", "", ("template",), owns=False),
    Workload("ReplicaSet", "apps", _TEMPLATE, owner_field="replica_set"),
    Workload("ReplicationController", "", _TEMPLATE),
    # Argo's takes a template, or the name of a Deployment (workloadRef) and has no pod of its own.
    Workload("Rollout", "argoproj.io", _TEMPLATE),
    Workload("StatefulSet", "apps", _TEMPLATE),
)

_BY_KIND = MappingProxyType({(one.group, one.kind): one for one in WORKLOADS})
_LIST = "List"


def group_kind(document: Object) -> tuple[str, str]:
    """The API group (without version; "" for the core) and kind of a document."""
    version, kind = document.get("apiVersion"), document.get("kind")
    group = version.rpartition("/")[0] if isinstance(version, str) else ""
    return group, kind if isinstance(kind, str) else ""


def objects(document: object) -> Iterator[tuple[tuple[str | int, ...], Object]]:
    """Every object of a document with its path: itself, or what a List and lists in it hold."""
    if not isinstance(document, dict):
        return
    if not _is_list(document):
        yield (), document
        return
    for index, item in enumerate(document["items"]):
        for path, found in objects(item):
            yield ("items", index, *path), found


def templates(document: object) -> tuple[Template, ...]:
    """The pods that a parsed document describes, in its order; none for kinds that make no pods.

    A workload whose template is absent or is no object has none.
    """
    found = (_template(path, one) for path, one in objects(document))
    return tuple(template for template in found if template is not None)


def _is_list(document: Object) -> bool:
    """Whether it is a `List` or a typed one (`DeploymentList`), as `kubectl get -o yaml` prints."""
    return group_kind(document)[1].endswith(_LIST) and isinstance(document.get("items"), list)


def _template(path: tuple[str | int, ...], document: Object) -> Template | None:
    workload = _BY_KIND.get(group_kind(document))
    if workload is None:
        return None
    pod: object = document
    for key in workload.path:
        pod = pod.get(key) if isinstance(pod, dict) else None
    if not isinstance(pod, dict):
        return None
    metadata = _metadata(document)
    namespace = metadata.get("namespace")
    return Template(
        path=(*path, *workload.path),
        pod=pod,
        kind=workload.kind,
        name=str(metadata.get("name") or metadata.get("generateName") or ""),
        namespace=namespace if isinstance(namespace, str) and namespace else None,
        owner=_owner(workload, document),
    )


def _metadata(document: Object) -> Object:
    metadata = document.get("metadata")
    return metadata if isinstance(metadata, dict) else {}


def _owner(workload: Workload, document: Object) -> Owner | None:
    if workload.kind == "Pod":
        return owner.of_pod(document) if _has_owners(document) else None
    if not workload.owns:
        return None
    metadata = _metadata(document)
    if name := metadata.get("name"):
        own = {workload.owner_field: str(name)} if workload.owner_field else {}
        return Owner(workload.kind, str(name), **own)
    # The API server will append random characters to it: what a person would call it is without.
    prefix = str(metadata.get("generateName") or "").rstrip("-.")
    return Owner(workload.kind, prefix) if prefix else None


def _has_owners(pod: Object) -> bool:
    """Whether a pod as somebody wrote it has references of the right shape."""
    references = _metadata(pod).get("ownerReferences")
    return isinstance(references, list) and all(isinstance(one, dict) for one in references)
