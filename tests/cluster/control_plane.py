"""etcd and kube-apiserver on this machine: their files, their ports, their command lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from demo.ports import LOOPBACK, free_ports
from tests.cluster import kubeconfigs
from tests.cluster.binaries import binary
from tests.cluster.certificates import (
    ADMINISTRATORS,
    SERVICE_RANGE,
    Authority,
    Files,
    service_account_key,
)
from tests.cluster.processes import Process, StartError
from tests.cluster.transport import Transport


@dataclass(frozen=True, slots=True)
class Options:
    """How a cluster differs from the usual one.

    `version`: of Kubernetes, None for the default. `flags`: more of them for kube-apiserver; the
    last of two for one thing counts. `address`: where it listens. `launcher`: what every process
    is started through, such as `nsenter`.
    """

    version: str | None = None
    flags: tuple[str, ...] = ()
    address: str = LOOPBACK
    launcher: tuple[str, ...] = ()


class ControlPlane:
    """The two processes that every size of cluster has, and the identities of who calls them."""

    def __init__(self, directory: Path, options: Options) -> None:
        self.directory = directory
        self.options = options
        self.authority = Authority(_folder(directory / "certificates"))
        self.service_account_key = service_account_key(directory / "certificates")
        self._etcd_port, self._etcd_peer_port, port = free_ports(3)
        self.url = f"https://{options.address}:{port}"
        admin = self.authority.issue("admin", "admin", [ADMINISTRATORS])
        self.kubeconfig = self._kubeconfig("admin", admin)
        self.transport = Transport.create(self.url, self.authority.files.certificate, admin)
        self.etcd = self.process("etcd", self._etcd_flags())
        self.api_server = self.process("kube-apiserver", self._api_server_flags(port))

    def process(self, name: str, flags: Sequence[str | Path]) -> Process:
        """A program of the cluster with these flags, not started. Raises UnavailableError."""
        program = binary(name, self.options.version)
        command = [*self.options.launcher, program, *flags]
        return Process(name, command, _folder(self.directory / "logs"))

    def kubeconfig_of(self, name: str, user: str, groups: Sequence[str] = ()) -> Path:
        """A kubeconfig, named `name`, of a user with a certificate of its own."""
        return self._kubeconfig(name, self.authority.issue(name, user, groups))

    def start(self) -> None:
        """Start both and wait until the API server is ready. Raises StartError."""
        self.etcd.start()
        self.start_api_server()

    def start_api_server(self) -> None:
        """Start it and wait until it is ready. Raises StartError."""
        self.api_server.start()
        try:
            self.api_server.wait(self.is_ready)
        except StartError as error:
            if not self.etcd.running:
                raise StartError(f"{error}\n{self.etcd.last_words()}") from error
            raise

    def is_ready(self) -> bool:
        """Whether the API server says that it is."""
        try:
            return self.transport.request("GET", "/readyz").status == 200
        except OSError:
            return False

    def stop(self) -> None:
        """End both."""
        self.transport.close()
        self.api_server.stop(seconds=0)  # nothing of it is needed any more
        self.etcd.stop(seconds=0)

    def _kubeconfig(self, name: str, pair: Files) -> Path:
        path = self.directory / f"{name}.kubeconfig"
        return kubeconfigs.with_certificate(path, self.url, self.authority.files.certificate, pair)

    def _etcd_flags(self) -> list[str]:
        clients = f"http://{LOOPBACK}:{self._etcd_port}"
        peers = f"http://{LOOPBACK}:{self._etcd_peer_port}"
        return [
            f"--data-dir={self.directory / 'etcd'}",
            f"--listen-client-urls={clients}",
            f"--advertise-client-urls={clients}",
            f"--listen-peer-urls={peers}",
            f"--initial-advertise-peer-urls={peers}",
            f"--initial-cluster=default={peers}",
            "--unsafe-no-fsync",  # nobody needs the data after a crash of the machine
            "--log-level=warn",
        ]

    def _api_server_flags(self, port: int) -> list[str]:
        server = self.authority.server([self.options.address])
        kubelet = self.authority.issue(
            "kube-apiserver-kubelet-client", "kube-apiserver-kubelet-client", [ADMINISTRATORS]
        )
        return [
            f"--etcd-servers=http://{LOOPBACK}:{self._etcd_port}",
            f"--secure-port={port}",
            f"--bind-address={self.options.address}",
            f"--advertise-address={self.options.address}",
            # No Endpoints for the Service `kubernetes`: an address on loopback would be refused.
            "--endpoint-reconciler-type=none",
            # Webhooks behind a Service are called at their endpoints: no kube-proxy, no cluster IP.
            "--enable-aggregator-routing=true",
            f"--client-ca-file={self.authority.files.certificate}",
            f"--tls-cert-file={server.certificate}",
            f"--tls-private-key-file={server.key}",
            f"--kubelet-client-certificate={kubelet.certificate}",
            f"--kubelet-client-key={kubelet.key}",
            "--kubelet-preferred-address-types=InternalIP",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={self.service_account_key}",
            f"--service-account-signing-key-file={self.service_account_key}",
            f"--service-cluster-ip-range={SERVICE_RANGE}",
            "--authorization-mode=Node,RBAC",
            "--allow-privileged=true",
            f"--cert-dir={self.directory / 'kube-apiserver'}",
            *self.options.flags,
        ]


def _folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    return path
