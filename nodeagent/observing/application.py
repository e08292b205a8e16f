"""What is seen of a container, and for whom it is written down."""

from dataclasses import dataclass

from nodeagent.observing.observation import Observation
from webhook.model import Object
from webhook.observed import Key, Workload, started
from webhook.observed.key import of_pod

__all__ = ["Owner", "Seen", "Workload", "seen"]


@dataclass(frozen=True, slots=True)
class Owner:
    """The object whose end ends what is known of it: what controls the pod, or the pod itself.

    Of a Deployment it is the ReplicaSet: with the last of them, all is forgotten.
    """

    api_version: str
    kind: str
    name: str
    uid: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen in a container of a workload's pod.

    `digest` is that of its image, "sha256:…"; `started` is `webhook.observed.started` of the
    container as the pod has it.
    """

    workload: Workload
    container: str
    digest: str
    observation: Observation
    started: str = ""
    owner: Owner | None = None

    @property
    def key(self) -> Key:
        """Of which there is one entry."""
        return Key(self.workload, self.container, self.digest)


def seen(pod: Object, container: str, observation: Observation) -> Seen | None:
    """What was seen in a container of a pod as the API server tells of it (JSON, with status).

    None where the status does not name the image's digest yet.
    """
    workload, digest = of_pod(pod), digest_of(pod, container)
    spec = next((one for one in _all(pod, "spec", _SPECS) if one.get("name") == container), None)
    if workload is None or not digest or spec is None:
        return None
    return Seen(workload, container, digest, observation, started(spec), _owner(pod))


def digest_of(pod: Object, container: str) -> str:
    """The digest of a container's image; "" where the runtime has not said one."""
    for one in _all(pod, "status", _STATUSES):
        if one.get("name") == container:
            # containerd: registry/path@sha256:…; of an image without a registry: sha256:… alone.
            text = str(one.get("imageID") or "").rpartition("@")[2].rpartition("//")[2]
            return text if text.startswith(("sha256:", "sha384:", "sha512:")) else ""
    return ""


_SPECS = ("containers", "initContainers")
_STATUSES = ("containerStatuses", "initContainerStatuses")


def _all(pod: Object, part: str, names: tuple[str, ...]) -> list[Object]:
    found = pod.get(part) or {}
    return [one for name in names for one in found.get(name) or ()]


def _owner(pod: Object) -> Owner | None:
    metadata = pod.get("metadata") or {}
    references = metadata.get("ownerReferences") or ()
    one = next((r for r in references if r.get("controller")), None)
    if one is None:
        one = {"apiVersion": "v1", "kind": "Pod", **metadata}
    uid = one.get("uid")
    return Owner(one["apiVersion"], one["kind"], one["name"], uid) if uid else None
