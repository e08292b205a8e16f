"""What `spanhook node-agent` is told in a cluster."""

from dataclasses import dataclass, field
from pathlib import Path

from nodeagent.cluster.settings import Salvage
from nodeagent.propagation.paths import DEFAULT
from webhook.names import NAMESPACE
from webhook.settings import Settings


@dataclass(frozen=True, slots=True)
class Options:
    """Where the cluster, the node and the receiver are.

    `kubeconfig` is None in a pod; `endpoint` is an OTLP receiver (`http://localhost:4318`),
    None for that of the settings; `host`
    is "" for all addresses, `port` 0 for any. `proc` is where the node's processes are.
    `propagation` says how traces are passed on, see nodeagent.propagation.paths.

    `pod` is the UID of the agent's own pod, "" where it runs in none.

    Where `salvage` is given it reads what the ConfigMap in `namespace` says, and that holds; else
    `settings` do.
    """

    node: str
    endpoint: str | None
    kubeconfig: Path | None = None
    host: str = ""
    port: int = 9464
    ratio: float = 1.0
    proc: Path = Path("/proc")
    settings: Settings = field(default_factory=Settings)
    propagation: str = DEFAULT
    salvage: Salvage | None = None
    namespace: str = NAMESPACE
    pod: str = ""
