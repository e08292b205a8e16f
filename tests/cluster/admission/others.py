"""Other people's webhooks: an HTTPS server that changes pods as a function says."""

import base64
import json
import secrets
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import socket
from typing import Any

import jsonpatch

from certs.authority import Authority
from tests.cluster import Cluster
from tests.cluster.admission.pods import pod
from tests.waiting import until

Json = dict[str, Any]
Change = Callable[[Json], None]
"""Changes a pod in place, as its webhook would have it."""

_RULE = {
    "operations": ["CREATE"],
    "apiGroups": [""],
    "apiVersions": ["v1"],
    "resources": ["pods"],
}


@dataclass(slots=True)
class Other:
    """A webhook that runs. `seen` are the pods that it was sent, in order."""

    name: str
    url: str
    authority: bytes
    change: Change
    seen: list[Json] = field(default_factory=list)

    def answer(self, review: Json) -> Json:
        """The answer to a review."""
        request = review["request"]
        before = request["object"]
        after = json.loads(json.dumps(before))
        self.change(after)
        self.seen.append(before)
        response: Json = {"uid": request["uid"], "allowed": True}
        patch = jsonpatch.make_patch(before, after).patch
        if patch:
            response["patchType"] = "JSONPatch"
            response["patch"] = base64.b64encode(json.dumps(patch).encode()).decode()
        return {"apiVersion": review["apiVersion"], "kind": review["kind"], "response": response}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    other: Other


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:  # the library's name
        """Answer a review."""
        assert isinstance(self.server, _Server)
        length = int(self.headers["Content-Length"])
        body = json.dumps(self.server.other.answer(json.loads(self.rfile.read(length)))).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def other(
    cluster: Cluster, directory: Path, name: str, namespace: str, change: Change, **fields: Any
) -> Iterator[Other]:
    """Another webhook for pods of one namespace, registered until the end of the block.

    `name` is its configuration's: the API server calls in the order of names. `fields` are its
    entry's.
    """
    authority = Authority.create(datetime.now(UTC))
    server = _Server(("127.0.0.1", 0), _Handler)
    server.socket = _context(authority, directory).wrap_socket(server.socket, server_side=True)
    url = f"https://127.0.0.1:{server.server_port}/"
    server.other = found = Other(name, url, authority.certificate, change)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        with _registered(cluster, found, namespace, lambda: bool(found.seen), fields):
            found.seen.clear()
            yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def dead(cluster: Cluster, name: str, namespace: str) -> Iterator[Callable[[], float]]:
    """A webhook that nobody serves and that fails open; how often it did."""
    with socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen: whoever calls is refused
        url = f"https://127.0.0.1:{taken.getsockname()[1]}/"
        found = Other(name, url, b"", lambda _: None)

        def failed() -> float:
            return cluster.metric(
                "apiserver_admission_webhook_fail_open_count", name=f"{name}.example.com"
            )

        fields = {"failurePolicy": "Ignore", "reinvocationPolicy": "IfNeeded"}
        with _registered(cluster, found, namespace, lambda: failed() > 0, fields):
            yield failed


@contextmanager
def _registered(
    cluster: Cluster, found: Other, namespace: str, known: Callable[[], bool], fields: Json
) -> Iterator[None]:
    """Its configuration, of which the API server knows."""
    version = "admissionregistration.k8s.io/v1"
    cluster.apply(
        {
            "apiVersion": version,
            "kind": "MutatingWebhookConfiguration",
            "metadata": {"name": found.name},
            "webhooks": [_entry(found, namespace) | fields],
        }
    )

    def is_called() -> bool:
        cluster.create(pod(), dry_run=True, namespace=namespace)
        return known()

    try:
        until(is_called, f"{found.name} is called")
        yield
    finally:
        cluster.delete("MutatingWebhookConfiguration", found.name)


def _entry(found: Other, namespace: str) -> Json:
    bundle = base64.b64encode(found.authority).decode()
    return {
        "name": f"{found.name}.example.com",
        "clientConfig": {"url": found.url, **({"caBundle": bundle} if bundle else {})},
        "rules": [_RULE],
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
        "failurePolicy": "Fail",
        "timeoutSeconds": 5,
    }


def _context(authority: Authority, directory: Path) -> ssl.SSLContext:
    leaf = authority.issue(["127.0.0.1"], datetime.now(UTC))
    file = directory / f"{secrets.token_hex(4)}.pem"
    file.write_bytes(leaf.key + leaf.certificate)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    return context
