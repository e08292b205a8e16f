"""A webhook with replicas, registered, and a namespace that it serves: where harm is done."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from certs.directory import Directory
from tests.cluster import Cluster, Service
from tests.cluster.reliability.client import Target
from tests.cluster.reliability.fleet import Address, Fleet
from tests.cluster.reliability.load import PODS, WAVE_SECONDS, Load
from tests.cluster.reliability.objects import POD, Policy, configuration, named
from tests.cluster.waiting import until

SERVICE = "spanhook-webhook"
ENTRY = "namespaces.spanhook.dev"
_LABEL = "spanhook.dev/injected"


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

    def serves(self) -> bool:
        """Whether a pod would be instrumented now."""
        answer = self.cluster.create(named("probe"), dry_run=True, namespace=self.shop)
        return _LABEL in answer.body.get("metadata", {}).get("labels", {})


@contextmanager
def scene(
    cluster: Cluster, directory: Path, policy: Policy, *, replicas: int = 2
) -> Iterator[Scene]:
    """Replicas that serve, until the end of the block."""
    certificates = directory / "certificates"
    with (
        cluster.namespace() as home,
        cluster.namespace({"spanhook.dev/instrument": "enabled", home: "served"}) as shop,
    ):

        def command(name: str, address: Address) -> list[str]:
            host, port = address
            spanhook = str(Path(sys.executable).with_name("spanhook"))
            return [
                *(spanhook, "serve", "--kubeconfig", str(cluster.kubeconfig)),
                *("--namespace", home, "--replica", name),
                *("--host", host, "--port", str(port)),
                *("--cert-dir", str(certificates), "--tls-name", f"{SERVICE}.{home}.svc"),
            ]

        leaf = Directory(certificates).ensure([f"{SERVICE}.{home}.svc"], datetime.now(UTC))
        fleet = Fleet(Service.create(cluster, home, SERVICE), directory, command)
        try:
            fleet.scale_up(replicas)
            cluster.apply(configuration(home, policy, leaf.authority))
            stage = Scene(cluster, fleet, home, shop)
            until(stage.serves, "the webhook serves")
            yield stage
        finally:
            cluster.delete("MutatingWebhookConfiguration", home)
            fleet.stop()
