"""What is said of a workload: InstrumentedApplications, as they go to the API server."""

from dataclasses import dataclass

from nodeagent.observing.observation import Observation
from webhook.model import Object


@dataclass(frozen=True, slots=True)
class Workload:
    """What a pod is of, as a person names it: a Deployment, not its ReplicaSet."""

    kind: str
    name: str
    namespace: str


@dataclass(frozen=True, slots=True)
class Owner:
    """The object whose end ends what is known of it: what controls the pod, or the pod itself."""

    api_version: str
    kind: str
    name: str
    uid: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen in a container of a workload's pod.

    `digest` is that of its image, "sha256:…"; `started` names the container's command line.
    """

    workload: Workload
    container: str
    digest: str
    observation: Observation
    started: str = ""
    owner: Owner | None = None


def seen(pod: Object, container: str, observation: Observation) -> Seen | None:
    """What was seen in a container of a pod as the API server tells of it (JSON, with status).

    None where the status does not name the image's digest yet.
    """
    raise NotImplementedError
