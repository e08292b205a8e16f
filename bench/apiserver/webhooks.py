"""Namespaces of one API server, alike but for their webhook: none, a fixed patch, the product."""

import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from bench import bodies, servers
from bench.apiserver.pods import PODS
from bench.bodies import Json
from bench.load import Call
from bench.processes import Process
from tests.cluster import Cluster
from tests.cluster.documents import objects
from tests.waiting import until
from webhook.model import Facts, Namespace
from webhook.mutate import admit
from webhook.review import parse
from webhook.settings import Settings

_MANIFEST = Path("manifests/base/webhook/configuration.yaml")
_LABEL = "bench.spanhook.dev/webhook"
_NAMESPACES: tuple[Mapping[str, str], ...] = (
    {},
    {_LABEL: "label"},
    {_LABEL: "injection"},
    {"spanhook.dev/instrument": "enabled"},
)
INJECTED = b'"spanhook.dev/injected":"true"'
_LABELLED = b'"floor":"true"'


@dataclass(frozen=True, slots=True)
class Variant:
    """A namespace, the webhook that it has, and how to know that the webhook was there."""

    name: str
    cluster: Cluster
    namespace: str
    process: Process | None = None
    text: bytes = b'"kind":"Pod"'

    def creation(self, pod: Json) -> Call:
        """A dry run of the pod's creation."""
        body = json.dumps(pod, separators=(",", ":")).encode()
        head = (
            b"POST /api/v1/namespaces/%s/pods?dryRun=All HTTP/1.1\r\nHost: localhost\r\n"
            b"Content-Type: application/json\r\nAccept: application/json\r\n"
            b"Content-Length: %d\r\n\r\n"
        )
        request = head % (self.namespace.encode(), len(body)) + body
        transport = self.cluster.transport
        port = urlsplit(transport.url).port or 0
        return Call(port, transport.context, request, 201, self.text)

    def is_there(self) -> bool:
        """Whether creations give what they should: news of a webhook takes a moment."""
        try:
            self.creation(PODS["one container"]).run(1, 1)
        except RuntimeError:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Variants:
    """What takes turns.

    `label`: a webhook that adds the same label to every pod. `injection`: one that answers the
    product's own patch for this pod, computed beforehand: what the API server does with it is
    the same, so what is left is the webhook's.
    """

    none: Variant
    label: Variant
    injection: Variant
    product: Variant

    def __iter__(self) -> Iterator[Variant]:
        """All, in this order."""
        return iter((self.none, self.label, self.injection, self.product))


@contextmanager
def variants(cluster: Cluster, directory: Path) -> Iterator[Variants]:
    """All, ready."""
    with ExitStack() as stack:
        names = [stack.enter_context(cluster.namespace(labels)) for labels in _NAMESPACES]
        seen = [cluster.create(pod, dry_run=True, namespace=names[0]).body for pod in PODS.values()]
        patches = {len(pod["spec"]["containers"]): injection(pod) for pod in seen}
        fixed = stack.enter_context(servers.floor(directory / "floor", patches))
        product = stack.enter_context(spanhook(cluster, directory / "spanhook"))
        made = Variants(
            Variant("none", cluster, names[0]),
            Variant("label", cluster, names[1], fixed.process, _LABELLED),
            Variant("injection", cluster, names[2], fixed.process, INJECTED),
            Variant("spanhook", cluster, names[3], product.process, INJECTED),
        )
        cluster.apply(_fixed("label", fixed, "mutate"), _fixed("injection", fixed, "injection"))
        stack.enter_context(registered(cluster, product))
        for one in made:
            until(one.is_there, f"{one.name}: pods as they should be")
        yield made


def injection(pod: Json) -> list[Json]:
    """What the product answers to the creation of a pod, as the API server sends it."""
    review = parse(bodies.envelope(pod))
    namespace = Namespace(name=review.namespace)
    outcome = admit(review, namespace, Facts(), Settings(), opted_in=True)
    patch: list[Json] = msgspec.to_builtins(outcome.operations)
    return patch


def spanhook(cluster: Cluster, directory: Path) -> AbstractContextManager[servers.Served]:
    """The product in a cluster; its certificate from a directory, for a call by address."""
    options = ("--kubeconfig", str(cluster.kubeconfig), "--no-inspection")
    return servers.spanhook(directory, options)


@contextmanager
def registered(cluster: Cluster, served: servers.Served) -> Iterator[None]:
    """The product's registration, in force."""
    configuration = _shipped(served)
    cluster.apply(configuration)
    try:
        yield
    finally:
        cluster.delete("MutatingWebhookConfiguration", configuration["metadata"]["name"])


def _shipped(served: servers.Served) -> Json:
    """The product's registration as the manifests have it, but for its name and the address.

    And but for `failurePolicy`: a call that fails must not look like a fast one.
    """
    (document,) = objects(_MANIFEST)
    document["metadata"]["name"] = "bench-spanhook"
    for webhook in document["webhooks"]:
        webhook |= {"clientConfig": _client(served), "failurePolicy": "Fail"}
    return document


def _fixed(name: str, served: servers.Served, path: str) -> Json:
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"]}
    webhook = {
        "name": f"{name}.bench.spanhook.dev",
        "clientConfig": _client(served, path),
        "rules": [rule | {"operations": ["CREATE"], "scope": "Namespaced"}],
        "namespaceSelector": {"matchLabels": {_LABEL: name}},
        "failurePolicy": "Fail",
        "timeoutSeconds": 3,
        "reinvocationPolicy": "IfNeeded",
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
    }
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "MutatingWebhookConfiguration",
        "metadata": {"name": f"bench-{name}"},
        "webhooks": [webhook],
    }


def _client(served: servers.Served, path: str = "mutate") -> Json:
    bundle = base64.b64encode(served.authority.read_bytes()).decode()
    return {"url": f"https://127.0.0.1:{served.port}/{path}", "caBundle": bundle}
