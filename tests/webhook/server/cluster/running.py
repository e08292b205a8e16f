"""The webhook beside a real API server, in a thread."""

import base64
import copy
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonpatch

from tests.waiting import until
from tests.webhook.server.serving import PATIENCE, Reply, Server, review
from webhook.server.cluster.certificate import Keeper
from webhook.server.cluster.context import Context
from webhook.server.cluster.options import Options
from webhook.server.cluster.webhook import Webhook
from webhook.server.endpoint import Endpoint
from webhook.server.limits import Limits

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answered:
    """What the webhook said about a pod."""

    pod: Json
    warnings: list[str]
    decisions: str

    def variable(self, name: str) -> str | None:
        """A variable of the first container."""
        for entry in self.pod["spec"]["containers"][0].get("env", ()):
            if entry["name"] == name:
                return str(entry["value"])
        return None


@dataclass(frozen=True, slots=True)
class Running:
    """A webhook that runs."""

    server: Server

    def review(self, namespace: str, pod: Json, **request: Any) -> Answered:
        """Have a pod reviewed that is created in a namespace."""
        document = review(namespace=namespace, object=pod, **request)
        with self.server.client() as client:
            reply = client.post(document)
        assert reply.status == 200, reply.body
        response = reply.json["response"]
        operations = json.loads(base64.b64decode(response.get("patch", "W10=")))
        return Answered(
            _patched(pod, operations),
            response.get("warnings", []),
            response.get("auditAnnotations", {}).get("decisions", ""),
        )

    def ready(self) -> Reply:
        """What `/readyz?verbose` says."""
        with self.server.client() as client:
            return client.get("/readyz?verbose")

    def check(self, name: str) -> str:
        """One line of it."""
        return str(self.ready().json["checks"][name])

    def metric(self, line: str) -> float:
        """A metric's value."""
        return self.server.metric(line)


def _patched(pod: Json, operations: list[Json]) -> Json:
    patched: Json = jsonpatch.apply_patch(copy.deepcopy(pod), operations)
    return patched


def pod(language: str = "java", **container: Any) -> Json:
    """A pod whose container's language is said."""
    return {
        "metadata": {
            "generateName": "cart-",
            "annotations": {"spanhook.dev/languages": f"app={language}"},
        },
        "spec": {"containers": [{"name": "app", "image": "shop/cart:1", **container}]},
    }


@contextmanager
def running(
    kubeconfig: Path,
    directory: Path,
    namespace: str,
    *,
    wait: bool = True,
    keep: Callable[[Context], Keeper] | None = None,
    **options: Any,
) -> Iterator[Running]:
    """The webhook with its own objects in `namespace`; ready unless `wait` is False.

    Its certificates come from a directory, unless something keeps them. Registries are asked where
    `inspection=True` says so: pods of tests name images that no registry has.
    """
    announced: list[str] = []
    cert_dir = directory / "certs"
    endpoint = Endpoint(port=0, limits=Limits(linger_seconds=0), log_level="error")
    named: dict[str, Any] = {"replica": "replica-1", "inspection": False, **options}
    chosen = Options(
        endpoint,
        kubeconfig=kubeconfig,
        namespace=namespace,
        cert_dir=cert_dir if keep is None else None,
        **named,
    )
    listener = Webhook(chosen, announced.append, keep).listener()
    thread = threading.Thread(target=listener.run, daemon=True)
    thread.start()
    try:
        until(lambda: listener.started, "the webhook listens", PATIENCE)
        if wait:
            until(lambda: announced, "the webhook is ready", PATIENCE)
        port = listener.servers[0].sockets[0].getsockname()[1]
        yield Running(Server(listener, port, cert_dir, announced))
    finally:
        listener.should_exit = True
        thread.join(PATIENCE)
        assert not thread.is_alive(), "the webhook did not stop"
