"""Our webhook: `spanhook serve` as a process, registered as the manifests have it."""

import base64
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.cluster import Cluster
from tests.cluster.documents import objects
from tests.cluster.processes import Process
from tests.waiting import until

Json = dict[str, Any]

ENTRY = "namespaces.spanhook.dev"
LABEL = "spanhook.dev/instrument"

_MANIFEST = Path(__file__).parents[3] / "manifests" / "base" / "webhook" / "configuration.yaml"


@dataclass(frozen=True, slots=True)
class Webhook:
    """It serves namespaces that carry `labels`; `name` is its configuration's."""

    cluster: Cluster
    name: str
    process: Process

    @property
    def labels(self) -> dict[str, str]:
        """What a namespace needs to be served: other tests have namespaces in this cluster too."""
        return {LABEL: "enabled", self.name: "served"}

    @property
    def said(self) -> str:
        """The log."""
        return self.process.log.read_text()

    def calls(self) -> float:
        """How often the API server called, in all namespaces."""
        return self.cluster.metric("apiserver_admission_webhook_request_total", name=ENTRY)

    def failed_open(self) -> float:
        """How often it let a pod through because we did not answer."""
        return self.cluster.metric("apiserver_admission_webhook_fail_open_count", name=ENTRY)


@contextmanager
def webhook(
    cluster: Cluster, directory: Path, *options: str, name: str = "spanhook-test"
) -> Iterator[Webhook]:
    """It serves until the end of the block; options are those of `spanhook serve`.

    Other webhooks are called in the order of their configurations' names.
    """
    spanhook = Path(sys.executable).with_name("spanhook")
    certificates = directory / "certificates"
    with cluster.namespace() as home:
        command = [
            *(str(spanhook), "serve", "--kubeconfig", str(cluster.kubeconfig), "--namespace", home),
            *("--port", "0", "--cert-dir", str(certificates), "--log-format", "json"),
            "--no-inspection",  # pods name images that no registry has
            *options,
        ]
        process = Process("spanhook", command, directory)
        process.start()
        try:
            process.wait(lambda: "is ready at" in process.log.read_text())
            cluster.apply(_configuration(name, _url(process), certificates / "ca.crt"))
            found = Webhook(cluster, name, process)
            _await_registration(found)
            yield found
        finally:
            cluster.delete("MutatingWebhookConfiguration", name)
            process.stop()


def _url(process: Process) -> str:
    (line,) = (one for one in process.log.read_text().splitlines() if "is ready at" in one)
    return next(word for word in line.split() if word.startswith("https:"))


def _configuration(name: str, url: str, authority: Path) -> Json:
    (shipped,) = objects(_MANIFEST)
    shipped["metadata"]["name"] = name
    bundle = base64.b64encode(authority.read_bytes()).decode()
    for entry in shipped["webhooks"]:
        entry["clientConfig"] = {"url": url, "caBundle": bundle}
        entry["failurePolicy"] = "Fail"  # a call that fails is a test that fails
        entry["namespaceSelector"].setdefault("matchLabels", {})[name] = "served"
    return shipped


def _await_registration(found: Webhook) -> None:
    """The API server learns of a new configuration some moments later."""
    probe = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "probe"}}
    probe["spec"] = {"containers": [{"name": "app", "image": "python:3.12"}]}
    with found.cluster.namespace(found.labels) as space:

        def is_served() -> bool:
            answer = found.cluster.create(probe, dry_run=True, namespace=space)
            return "spanhook.dev/injected" in answer.body.get("metadata", {}).get("labels", {})

        until(is_served, "the webhook is called")
