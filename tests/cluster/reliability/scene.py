"""A webhook with replicas, registered, and a namespace that it serves: where harm is done."""

import base64
import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from certs import bundle
from tests.cluster import Cluster, Service
from tests.cluster.reliability.client import Target
from tests.cluster.reliability.fleet import Address, Fleet
from tests.cluster.reliability.load import PODS, WAVE_SECONDS, Load
from tests.cluster.reliability.objects import (
    PATIENT_SECONDS,
    POD,
    Policy,
    configuration,
    named,
    secret,
)
from tests.waiting import until

SERVICE = "spanhook-webhook"
ENTRY = "namespaces.spanhook.dev"
REPLICAS = 2
HOLD_SECONDS = 2
"""Instead of minutes: here is one API server, on this machine."""

_LABEL = "spanhook.dev/injected"
_SECRET = "spanhook-webhook-certificates"


@dataclass(frozen=True, slots=True)
class Calls:
    """The API server's own counters of calls to the webhook."""

    made: float
    failed_open: float
    rejected: float

    @classmethod
    def read(cls, cluster: Cluster) -> "Calls":
        """As they stand now; they begin at 0 when the API server starts."""
        names = ("request_total", "fail_open_count", "rejection_count")
        return cls(
            *(cluster.metric(f"apiserver_admission_webhook_{name}", name=ENTRY) for name in names)
        )

    def since(self, earlier: "Calls") -> "Calls":
        """What came after `earlier`."""
        return Calls(
            self.made - earlier.made,
            self.failed_open - earlier.failed_open,
            self.rejected - earlier.rejected,
        )


@dataclass(frozen=True, slots=True)
class Scene:
    """What a test works with. Pods go to the namespace `shop`, the webhook is in `home`."""

    cluster: Cluster
    fleet: Fleet
    home: str
    shop: str

    def load(self, *, pods: int = PODS, wave_seconds: float = WAVE_SECONDS) -> Load:
        """2,000 pods by 50 clients; `with` starts it."""
        target = Target(self.cluster.url, self.cluster.transport.context, self.shop)
        return Load(target, POD, pods=pods, wave_seconds=wave_seconds)

    def calls(self) -> Calls:
        """The API server's counters now."""
        return Calls.read(self.cluster)

    def ask_for_rotation(self, of: str) -> None:
        """As a person does."""
        annotations = {"spanhook.dev/rotate": of}
        change = {"metadata": {"annotations": annotations}}
        answer = self.cluster.patch("Secret", _SECRET, change, self.home)
        assert answer.status == HTTPStatus.OK, answer.message

    def trusted(self) -> tuple[bytes, ...]:
        """The authorities by which the API server knows the webhook (PEM); every entry's."""
        found = self.cluster.get("MutatingWebhookConfiguration", self.home)
        assert found is not None
        clients = [webhook["clientConfig"] for webhook in found["webhooks"]]
        (one,) = {client.get("caBundle", "") for client in clients}
        return bundle.read(base64.b64decode(one))

    def served(self) -> list[str]:
        """The certificate that each replica gives in a handshake (PEM)."""
        return [ssl.get_server_certificate(one.address) for one in self.fleet.replicas]

    def serves(self) -> bool:
        """Whether a pod would be instrumented now."""
        answer = self.cluster.create(named("probe"), dry_run=True, namespace=self.shop)
        return _LABEL in answer.body.get("metadata", {}).get("labels", {})


@contextmanager
def scene(
    cluster: Cluster, directory: Path, policy: Policy, *, timeout_seconds: int = PATIENT_SECONDS
) -> Iterator[Scene]:
    """Replicas that serve, with certificates of their own making, until the end of the block."""
    with (
        cluster.namespace() as home,
        cluster.namespace({"spanhook.dev/instrument": "enabled", home: "served"}) as shop,
    ):

        def command(name: str, address: Address) -> list[str]:
            host, port = address
            spanhook = str(Path(sys.executable).with_name("spanhook"))
            return [
                *(spanhook, "serve", "--kubeconfig", str(cluster.kubeconfig)),
                *("--namespace", home, "--replica", name, "--webhook-configuration", home),
                *("--host", host, "--port", str(port), "--rotation-hold", str(HOLD_SECONDS)),
                "--no-inspection",  # registries are not what is tried here
            ]

        cluster.apply(secret(home), configuration(home, policy, timeout_seconds))
        fleet = Fleet(Service.create(cluster, home, SERVICE), directory, command)
        try:
            fleet.scale_up(REPLICAS)
            stage = Scene(cluster, fleet, home, shop)
            until(stage.serves, "the webhook serves")
            yield stage
        finally:
            cluster.delete("MutatingWebhookConfiguration", home)
            fleet.stop()
