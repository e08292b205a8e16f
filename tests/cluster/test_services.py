import base64
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from certs.authority import Authority
from tests.cluster import ApiRefused, Cluster
from tests.cluster.addresses import own_address
from tests.cluster.services import Service
from tests.cluster.test_client import POD
from tests.waiting import until


class Webhook(ThreadingHTTPServer):
    """Allows everything, as somebody: each answer's warning has its name."""

    def __init__(self, name: str, context: ssl.SSLContext) -> None:
        super().__init__(("", 0), _Handler)
        self.name = name
        self.socket = context.wrap_socket(self.socket, server_side=True)


class _Handler(BaseHTTPRequestHandler):
    server: Webhook

    def do_POST(self) -> None:
        """Answer a review."""
        review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        uid, name = review["request"]["uid"], self.server.name
        review["response"] = {"uid": uid, "allowed": True, "warnings": [name]}
        body = json.dumps({k: v for k, v in review.items() if k != "request"}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@contextmanager
def webhook(name: str, authority: Authority, host: str, folder: Path) -> Iterator[int]:
    """A webhook by this name, with a certificate for `host`: its port."""
    leaf = authority.issue([host], datetime.now(UTC))
    pem = folder / f"{name}.pem"
    pem.write_bytes(leaf.certificate + leaf.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    with Webhook(name, context) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def configuration(namespace: str, authority: Authority) -> dict[str, Any]:
    """Calls the Service `hook` for every pod of the namespace."""
    bundle = base64.b64encode(authority.certificate).decode()
    entry = {
        "name": "hook.tests.spanhook.dev",
        "clientConfig": {
            "service": {"namespace": namespace, "name": "hook", "path": "/"},
            "caBundle": bundle,
        },
        "rules": [
            {
                "apiGroups": [""],
                "apiVersions": ["v1"],
                "resources": ["pods"],
                "operations": ["CREATE"],
            }
        ],
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
        "timeoutSeconds": 5,
    }
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "MutatingWebhookConfiguration",
        "metadata": {"name": namespace},
        "webhooks": [entry],
    }


def test_webhooks_behind_a_service_are_called_at_their_endpoints(
    api: Cluster, tmp_path: Path
) -> None:
    """Endpoints come and go: who is there answers, and with nobody there creations fail."""
    authority = Authority.create(datetime.now(UTC))
    with api.namespace() as namespace:
        host = f"hook.{namespace}.svc"

        def answer() -> str:
            created = api.create(POD, namespace=namespace, dry_run=True)
            return "".join(created.warnings) if created.status == 201 else created.message

        with (
            webhook("first", authority, host, tmp_path) as first,
            webhook("second", authority, host, tmp_path) as second,
        ):
            service = Service.create(api, namespace, "hook")
            api.apply(configuration(namespace, authority))
            try:
                until(lambda: "no endpoints available" in answer(), "nobody there")
                service.add("a", first)
                until(lambda: answer() == "first", "the first endpoint")
                service.add("b", second)
                until(lambda: answer() == "second", "the second endpoint")
                service.add("a", first, ready=False)
                service.remove("b")
                until(lambda: "no endpoints available" in answer(), "nobody ready")
            finally:
                api.delete("MutatingWebhookConfiguration", namespace)


def test_own_addresses_are_good_for_endpoints(api: Cluster) -> None:
    """The machine's own address is taken, one of loopback is not."""
    assert not own_address().startswith("127.")
    with api.namespace() as namespace:
        service = Service.create(api, namespace, "hook")
        service.add("good", 8443)
        with pytest.raises(ApiRefused, match="loopback"):
            service.add("bad", 8443, address="127.0.0.1")
