"""Two namespaces that are the same but for our webhook."""

import copy
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.cluster import Client, Cluster, Response
from tests.cluster.admission.webhook import Webhook
from webhook import patch
from webhook.uninject import uninject

Json = dict[str, Any]

CREATED = 201

_CHANCE = ("uid", "resourceVersion", "creationTimestamp", "managedFields", "namespace", "name")
"""Metadata that differ between any two pods; the name only where it was generated."""
_DERIVED = (
    "kubernetes.io/limit-ranger",  # about our container, where it is called again after us
    "container.apparmor.security.beta.kubernetes.io/spanhook-agent-",  # up to Kubernetes 1.30
)
"""Annotations that the API server itself writes about containers."""
_TOKEN = "kube-api-access-"  # a volume's name
"""How the volume of the service account's token begins; the rest is chance."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What the API server said of the same pod without us and with us."""

    plain: Response
    served: Response

    @property
    def accepted(self) -> bool:
        """Whether the pod is accepted without us."""
        return self.plain.status == CREATED

    @property
    def injected(self) -> bool:
        """Whether we did something."""
        return is_injected(self.served.body)

    def check(self) -> None:
        """Who is accepted without us is accepted with us, as the same pod but for what we add."""
        if not self.accepted:
            return
        assert self.served.status == CREATED, self.served.message
        assert without_chance(self.plain.body) == without_chance(taken_back(self.served.body))
        assert self.plain.body["status"]["qosClass"] == self.served.body["status"]["qosClass"]


@dataclass(frozen=True, slots=True)
class Twins:
    """The namespaces: `plain` without us, `served` with us."""

    cluster: Cluster
    plain: str
    served: str

    def create(self, pod: Json, *, dry_run: bool = True, user: Client | None = None) -> Answers:
        """Create a pod in both."""
        client = user or self.cluster
        plain, served = (
            client.create(copy.deepcopy(pod), dry_run=dry_run, namespace=space)
            for space in (self.plain, self.served)
        )
        return Answers(plain, served)

    def apply(self, *things: Json) -> None:
        """Put things into both."""
        for space in (self.plain, self.served):
            for thing in things:
                metadata = {**thing["metadata"], "namespace": space}
                self.cluster.apply({**copy.deepcopy(thing), "metadata": metadata})


@contextmanager
def twins(webhook: Webhook, labels: Mapping[str, str] | None = None) -> Iterator[Twins]:
    """Twins with these labels, gone at the end."""
    cluster, common = webhook.cluster, labels or {}
    with (
        cluster.namespace(common) as plain,
        cluster.namespace({**common, **webhook.labels}) as served,
    ):
        yield Twins(cluster, plain, served)


def is_injected(pod: Json) -> bool:
    """Whether something of ours is in a pod."""
    labels = pod.get("metadata", {}).get("labels", {})
    return "spanhook.dev/injected" in labels or "spanhook.dev/ebpf" in labels


def taken_back(pod: Json) -> Json:
    """The pod without what we put in."""
    removal = uninject(pod)
    assert not removal.warnings
    restored: Json = patch.apply(copy.deepcopy(pod), removal.operations)
    return restored


def without_chance(pod: Json) -> Json:
    """The pod without what differs between any two."""
    left = copy.deepcopy(pod)
    metadata = left["metadata"]
    chance = _CHANCE if "generateName" in metadata else _CHANCE[:-1]
    left["metadata"] = {key: value for key, value in metadata.items() if key not in chance}
    if "annotations" in metadata:
        notes = {k: v for k, v in metadata["annotations"].items() if not k.startswith(_DERIVED)}
        left["metadata"]["annotations"] = notes
        if not notes:
            del left["metadata"]["annotations"]
    spec = left["spec"]
    named = [*spec.get("volumes", ())]
    for section in ("containers", "initContainers"):
        for container in spec.get(section, ()):
            named += container.get("volumeMounts", ())
    for one in named:
        if one["name"].startswith(_TOKEN):
            one["name"] = _TOKEN
    return left
