"""How to serve in a cluster."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from webhook.names import CERTIFICATES, CONFIGURATION, NAMESPACE, WEBHOOK
from webhook.server.endpoint import Endpoint


@dataclass(frozen=True, slots=True)
class Options:
    """`kubeconfig` None: the pod's own cluster. `replica`: our name among the replicas.

    `cert_dir`: certificates from a directory, as `--standalone` has them, in place of the Secret.
    `settings`: a file in place of the ConfigMap. `rotation_hold`: seconds that API servers have to
    learn of another authority, and calls to end, before certificates change. `inspection`: whether
    registries may be asked what images are; where not, whatever the settings say.
    """

    endpoint: Endpoint = field(default_factory=Endpoint)
    kubeconfig: Path | None = None
    context: str | None = None
    namespace: str = NAMESPACE
    replica: str = WEBHOOK
    service: str = WEBHOOK
    webhook_configuration: str = CONFIGURATION
    certificate_secret: str = CERTIFICATES
    certificates: Literal["own", "provided"] = "own"
    rotation_hold: float = 300.0
    cert_dir: Path | None = None
    settings: Path | None = None
    image_configs: Path | None = None
    inspection: bool = True
