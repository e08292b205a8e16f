"""How to serve in a cluster."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from webhook.server.endpoint import Endpoint

NAMESPACE = "spanhook-system"
"""Ours, when neither an option nor a service account tells."""


@dataclass(frozen=True, slots=True)
class Options:
    """`kubeconfig` None: the pod's own cluster. `replica`: our name among the replicas.

    `cert_dir`: certificates from a directory, as `--standalone` has them, in place of the Secret.
    `settings`: a file in place of the ConfigMap. `rotation_hold`: seconds that API servers have to
    learn of another authority, and calls to end, before certificates change.
    """

    endpoint: Endpoint = field(default_factory=Endpoint)
    kubeconfig: Path | None = None
    context: str | None = None
    namespace: str = NAMESPACE
    replica: str = "spanhook-webhook"
    service: str = "spanhook-webhook"
    webhook_configuration: str = "spanhook"
    certificate_secret: str = "spanhook-webhook-certificates"  # noqa: S105  # its name
    certificates: Literal["own", "provided"] = "own"
    rotation_hold: float = 300.0
    cert_dir: Path | None = None
    settings: Path | None = None
    image_configs: Path | None = None
