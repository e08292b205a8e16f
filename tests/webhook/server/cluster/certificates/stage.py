"""Replicas with certificates of their own at a real API server, and what can be seen of them."""

import base64
import json
import socket
import ssl
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from certs import bundle
from certs.secret import Data, Reading, read
from tests.cluster import Cluster, Service
from tests.cluster.reliability.fleet import Address, Fleet, Replica
from tests.cluster.reliability.objects import Policy, configuration, named, secret
from tests.waiting import until

SERVICE = "spanhook-webhook"
SECRET = "spanhook-webhook-certificates"
LEADER = "spanhook-webhook"
HOLD_SECONDS = 3
"""So short that tests end, so long that this machine's pauses do not count as absence."""
ENTRIES = ("namespaces.spanhook.dev", "pods.spanhook.dev")
TIMEOUT_SECONDS = 10
"""Longer than shipped: what is tested is who believes whom, not who is slow."""
_COUNTERS = ("fail_open_count", "rejection_count")
_LABEL = "spanhook.dev/injected"


@dataclass(frozen=True, slots=True)
class Stage:
    """`home` is the namespace of the webhook and its configuration's name, pods go to `shop`."""

    cluster: Cluster
    fleet: Fleet
    home: str
    shop: str
    logs: Path

    # The Secret

    def secret(self) -> dict[str, Any] | None:
        """As it is."""
        return self.cluster.get("Secret", SECRET, self.home)

    def data(self) -> dict[str, bytes]:
        """What it holds."""
        content = (self.secret() or {}).get("data") or {}
        return {key: base64.b64decode(value) for key, value in content.items()}

    def reading(self) -> Reading:
        """What can be used of it."""
        return read(self.data())

    def write(self, content: Mapping[str, bytes | None]) -> None:
        """Change keys, as a person would."""
        data = {
            key: None if value is None else base64.b64encode(value).decode()
            for key, value in content.items()
        }
        answer = self.cluster.patch("Secret", SECRET, {"data": data}, self.home)
        assert answer.status == 200, answer.body

    def empty(self) -> None:
        """Apply the manifest over it with nothing in it, or anew."""
        self.cluster.apply(secret(self.home))

    def ask(self, what: str) -> None:
        """Ask for a rotation."""
        annotations = {"spanhook.dev/rotate": what}
        change = {"metadata": {"annotations": annotations}}
        answer = self.cluster.patch("Secret", SECRET, change, self.home)
        assert answer.status == 200, answer.body

    # The configuration

    def bundles(self) -> list[tuple[bytes, ...]]:
        """The caBundle of each entry."""
        found = self.cluster.get("MutatingWebhookConfiguration", self.home)
        assert found is not None
        values = [one["clientConfig"].get("caBundle", "") for one in found["webhooks"]]
        return [bundle.read(base64.b64decode(value)) for value in values]

    # Replicas

    def served(self) -> dict[str, str]:
        """The certificate of a new connection to each replica, by its SHA-256."""
        return {one.name: _fingerprint(one.address) for one in self.fleet.replicas}

    def leases(self) -> dict[str, dict[str, str]]:
        """The annotations of the replicas' Leases, by replica."""
        found = self.cluster.list(
            "Lease", self.home, selector="spanhook.dev/component=webhook-replica"
        )
        return {
            one["spec"]["holderIdentity"]: one["metadata"].get("annotations", {}) for one in found
        }

    def leader(self) -> Replica | None:
        """Who leads, if it is one that runs."""
        lease = self.cluster.get("Lease", LEADER, self.home)
        name = (lease or {}).get("spec", {}).get("holderIdentity")
        return next((one for one in self.fleet.replicas if one.name == name), None)

    def settled(self) -> bool:
        """Whether everybody serves the Secret's leaf, and the bundles are of one authority."""
        reading = self.reading()
        held = reading.holdings
        if held is None or held.leaf is None or reading.problems or len(held.trusted) > 1:
            return False
        wanted = bundle.fingerprint(held.leaf.certificate)
        told = {one.get("spanhook.dev/serving") for one in self.leases().values()}
        return (
            self.bundles() == [held.trusted] * len(ENTRIES)
            and set(self.served().values()) == {wanted} == told
        )

    def said(self, message: str) -> list[dict[str, Any]]:
        """Lines of all logs whose message begins so."""
        return [
            line
            for log in sorted(self.logs.glob("*.log"))
            for line in map(_json, log.read_text().splitlines())
            if str(line.get("message", "")).startswith(message)
        ]

    def events(self, reason: str) -> list[dict[str, Any]]:
        """Events in our namespace with this reason."""
        found = self.cluster.list("events.events.k8s.io", self.home)
        return [one for one in found if one["reason"] == reason]

    def metric(self, replica: Replica, name: str) -> float:
        """A metric of a replica by its line up to the value."""
        lines = _get(replica.address, "/metrics").splitlines()
        values = [line.rpartition(" ")[2] for line in lines if line.startswith(f"{name} ")]
        return float(values[0]) if values else 0.0

    def readiness(self, replica: Replica) -> dict[str, Any]:
        """What /readyz?verbose says."""
        document: dict[str, Any] = json.loads(_get(replica.address, "/readyz?verbose"))
        return document

    # Calls

    def instrumented(self) -> bool:
        """Whether a pod would be instrumented now."""
        answer = self.cluster.create(named("probe"), dry_run=True, namespace=self.shop)
        return _LABEL in answer.body.get("metadata", {}).get("labels", {})

    def failures(self) -> float:
        """Calls to our entries that failed open or closed, by the API server's own counting."""
        return sum(
            self.cluster.metric(f"apiserver_admission_webhook_{counter}", name=entry)
            for counter in _COUNTERS
            for entry in ENTRIES
        )


@dataclass
class Calling:
    """A client that creates pods (dry run) through the API server without a pause."""

    stage: Stage
    wrong: list[str] = field(default_factory=list)
    count: int = 0
    _failures: float = 0.0
    _over: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._failures = self.stage.failures()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join(30)

    def check(self) -> None:
        """Every pod was instrumented, and the API server counted no call that failed."""
        assert self.count > 20
        assert self.wrong == []
        assert self.stage.failures() == self._failures

    def _run(self) -> None:
        while not self._over.is_set():
            answer = self.stage.cluster.create(
                named("probe"), dry_run=True, namespace=self.stage.shop
            )
            self.count += 1
            self._over.wait(0.01)  # others have work on this machine, too
            if _LABEL not in answer.body.get("metadata", {}).get("labels", {}):
                self.wrong.append(f"{answer.status} {answer.message} {answer.warnings}")


@contextmanager
def stage(
    cluster: Cluster,
    directory: Path,
    *options: str,
    kubeconfig: Callable[[str], Path] | None = None,
    policy: Policy = "Fail",
    register: bool = True,
) -> Iterator[Stage]:
    """A namespace with an empty Secret and a configuration without caBundle; no replica yet.

    `kubeconfig`: whom the replicas are, by the namespace; else the administrator.
    """
    with (
        cluster.namespace() as home,
        cluster.namespace({"spanhook.dev/instrument": "enabled", home: "served"}) as shop,
    ):
        config = cluster.kubeconfig if kubeconfig is None else kubeconfig(home)

        def command(name: str, address: Address) -> list[str]:
            host, port = address
            return [
                *(str(Path(sys.executable).with_name("spanhook")), "serve"),
                *("--kubeconfig", str(config)),
                *("--namespace", home, "--replica", name, "--service", SERVICE),
                *("--webhook-configuration", home, "--log-format", "json"),
                *("--host", host, "--port", str(port)),
                *("--rotation-hold", str(HOLD_SECONDS), *options),
            ]

        cluster.apply(secret(home))
        fleet = Fleet(Service.create(cluster, home, SERVICE), directory, command)
        found = Stage(cluster, fleet, home, shop, directory)
        try:
            if register:
                cluster.apply(configuration(home, policy, TIMEOUT_SECONDS))
            yield found
        finally:
            cluster.delete("MutatingWebhookConfiguration", home)
            fleet.stop()


def settle(one: Stage, seconds: float = 90) -> None:
    """Wait until nothing is left to do, and pods are instrumented."""
    until(one.settled, "certificates settle", seconds)
    until(one.instrumented, "pods are instrumented", seconds)


def keys(data: Data) -> set[str]:
    """The keys that hold something."""
    return {key for key, value in data.items() if value}


def _json(line: str) -> dict[str, Any]:
    try:
        document = json.loads(line)
    except ValueError:  # the line that says that it is ready, or a half one
        return {}
    return dict(document) if isinstance(document, dict) else {}


def _trusting() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _fingerprint(address: Address) -> str:
    with (
        socket.create_connection(address, timeout=10) as raw,
        _trusting().wrap_socket(raw) as connection,
    ):
        return sha256(connection.getpeercert(binary_form=True) or b"").hexdigest()


def _get(address: Address, path: str) -> str:
    with (
        socket.create_connection(address, timeout=10) as raw,
        _trusting().wrap_socket(raw) as connection,
    ):
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        with connection.makefile("rb") as answer:
            return bytes(answer.read()).decode().partition("\r\n\r\n")[2]
