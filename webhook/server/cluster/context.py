"""What the parts of the cluster mode share."""

from collections.abc import Callable
from dataclasses import dataclass

from kube.client import Client
from webhook.server.cluster.events import Events
from webhook.server.cluster.leadership import Leadership
from webhook.server.cluster.options import Options
from webhook.server.logs import Log
from webhook.server.telemetry import Telemetry


@dataclass(frozen=True, slots=True)
class Context:
    """The cluster, and where to say things.

    `refresh`: asks for the certificate to serve, and takes it up where it is another.
    """

    client: Client
    options: Options
    log: Log
    telemetry: Telemetry
    events: Events
    refresh: Callable[[], None]
    leadership: Leadership
