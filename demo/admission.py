"""The real webhook, as a process of its own, asked over TLS as the API server asks it."""

import http.client
import json
import os
import ssl
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from demo.images import SHOP_CONFIGS
from demo.ports import LOOPBACK, free_ports
from demo.processes import Child, Children, StartError
from demo.reviews import Answer, ReviewError, answered, review
from demo.workloads import MANIFESTS

_READY_SECONDS = 20
_INTERVAL = 0.05
_CALL_SECONDS = 3  # as in the MutatingWebhookConfiguration
_STOP_SECONDS = 5

_SERVE = (sys.executable, "-m", "console", "serve")


@dataclass(frozen=True, slots=True)
class Webhook:
    """A running webhook: where it listens, and the certificate authority to verify it with."""

    port: int
    authority: Path

    def mutate(self, pod: Mapping[str, Any], namespace: str) -> Answer:
        """Post the review for creating this pod and apply the answer.

        Raises ReviewError where the API server would not accept the answer, OSError where there
        is none.
        """
        sent = review(pod, namespace)
        status, body = self._call("POST", f"/mutate?timeout={_CALL_SECONDS}s", json.dumps(sent))
        if status != http.HTTPStatus.OK:
            raise ReviewError(f"the webhook answered {status}: {body[:200]!r}")
        return answered(sent, json.loads(body))

    def is_ready(self) -> bool:
        """Whether /readyz says so."""
        try:
            return self.authority.exists() and self._call("GET", "/readyz")[0] == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False

    def _call(self, method: str, path: str, body: str | None = None) -> tuple[int, bytes]:
        context = ssl.create_default_context(cafile=str(self.authority))
        connection = http.client.HTTPSConnection(
            LOOPBACK, self.port, timeout=_CALL_SECONDS, context=context
        )
        try:
            connection.request(method, path, body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()


@contextmanager
def webhook(
    folder: Path, settings: Mapping[str, Any], serve: Sequence[str] = _SERVE
) -> Iterator[Webhook]:
    """Start the webhook with these settings, wait until it is ready, end it afterwards.

    `folder` takes its certificates, settings and log. Raises StartError.
    """
    certificates = folder / "certificates"
    document = folder / "settings.yaml"
    document.write_text(json.dumps(settings))  # JSON is YAML
    [port] = free_ports(1)
    options = {
        "--host": LOOPBACK,
        "--port": str(port),
        "--cert-dir": str(certificates),
        "--settings": str(document),
        "--image-configs": str(SHOP_CONFIGS),
        "--objects": str(MANIFESTS),
    }
    argv = [*serve, "--standalone", *(word for option in options.items() for word in option)]
    children = Children()
    child = children.start("webhook", argv, env=os.environ, cwd=folder, log=folder / "webhook.log")
    try:
        running = Webhook(port, certificates / "ca.crt")
        _wait(child, running)
        yield running
    finally:
        children.end(_STOP_SECONDS)


def _wait(child: Child, running: Webhook) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while not running.is_ready():
        if child.ended or time.monotonic() > deadline:
            raise StartError(f"the webhook did not become ready:\n{child.last_words()}")
        time.sleep(_INTERVAL)
