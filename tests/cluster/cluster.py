"""A cluster for tests."""

import os
import re
import secrets
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.cluster import furnishing, kubeconfigs
from tests.cluster.binaries import binary
from tests.cluster.client import ApiRefused, Client, Object
from tests.cluster.control_plane import ControlPlane, Options
from tests.cluster.documents import Source
from tests.cluster.resources import Resources
from tests.cluster.transport import Response

_CONTROLLERS = "kube-controller-manager"


class Cluster(Client):
    """A running cluster, seen as its administrator."""

    def __init__(self, plane: ControlPlane) -> None:
        super().__init__(plane.transport, Resources(plane.transport))
        self.plane = plane
        self.directory: Path = plane.directory
        self.kubeconfig: Path = plane.kubeconfig
        self.url: str = plane.url
        self.processes = {process.name: process for process in (plane.etcd, plane.api_server)}
        """By the program's name; each can be held (`with process.held()`) and has a log."""

    @property
    def api_server_pid(self) -> int:
        """The number of the API server's process. Raises LookupError where it is stopped."""
        return self.plane.api_server.pid

    def stop_api_server(self, *, seconds: float = 20) -> None:
        """Stop it, gracefully for as long as `seconds`; etcd and the data stay."""
        self.plane.api_server.stop(seconds=seconds)

    def start_api_server(self) -> None:
        """Start it again at the same address and wait until it is ready. Raises StartError."""
        self.plane.start_api_server()

    @contextmanager
    def without_api_server(self, *, seconds: float = 20) -> Iterator[None]:
        """Nobody answers in the block; afterwards it is there again, however the block ends."""
        self.stop_api_server(seconds=seconds)
        try:
            yield
        finally:
            self.start_api_server()

    def restart_api_server(self) -> None:
        """Stop and start. Raises StartError."""
        self.stop_api_server()
        self.start_api_server()

    def create(
        self, source: Source, *, dry_run: bool = False, namespace: str | None = None
    ) -> Response:
        """See Client.create; a namespace has its `default` service account at once."""
        answer = super().create(source, dry_run=dry_run, namespace=namespace)
        if answer.status == 201 and not dry_run:
            self._furnish(answer.body)
        return answer

    def _apply(self, thing: Object, manager: str, *, force: bool) -> Object:
        applied = super()._apply(thing, manager, force=force)
        self._furnish(applied)
        return applied

    def _furnish(self, thing: Object) -> None:
        furnishing.furnish(self, thing, controllers=_CONTROLLERS in self.processes)

    @contextmanager
    def namespace(
        self,
        labels: Mapping[str, str] | None = None,
        annotations: Mapping[str, str] | None = None,
        *,
        name: str | None = None,
    ) -> Iterator[str]:
        """A namespace of its own for a test: its name; gone at the end with all that is in it."""
        name = name or f"test-{secrets.token_hex(4)}"
        metadata = {"name": name, "labels": labels or {}, "annotations": annotations or {}}
        created = self.create({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
        if created.status != 201:
            raise ApiRefused(f"create namespace {name}", created)
        try:
            yield name
        finally:
            self.remove_namespace(name)

    def remove_namespace(self, name: str) -> None:
        """Delete a namespace with everything in it, and wait; controllers are not needed for it."""
        furnishing.remove_namespace(self, name)

    def token_kubeconfig(self, service_account: str, namespace: str) -> Path:
        """A kubeconfig with a token, good for an hour, and so exactly that account's rights."""
        account = self.resources.named("serviceaccounts").path(service_account, namespace)
        request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
        answer = self.request("POST", f"{account}/token", request)
        if answer.status != 201:
            raise ApiRefused(f"token of {namespace}/{service_account}", answer)
        path = self.directory / f"{namespace}.{service_account}.{secrets.token_hex(4)}.kubeconfig"
        authority = self.plane.authority.files.certificate
        token = answer.body["status"]["token"]
        return kubeconfigs.with_token(path, self.url, authority, token, namespace)

    def kubectl(
        self, *arguments: str, stdin: str | None = None
    ) -> "subprocess.CompletedProcess[str]":
        """Run kubectl as the administrator. Never raises for its exit code."""
        return subprocess.run(
            [binary("kubectl", self.plane.options.version), *arguments],
            input=stdin,
            env={**os.environ, "KUBECONFIG": str(self.kubeconfig)},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def metric(self, name: str, /, **labels: str) -> float:
        """The sum of the API server's series of this name that have these labels."""
        _, _, text = self.transport.raw("GET", "/metrics")
        wanted = [f'{key}="{value}"' for key, value in labels.items()]
        series = re.findall(rf"^{name}(\{{.*\}})? (\S+)$", text.decode(), re.MULTILINE)
        return sum(float(value) for has, value in series if all(one in has for one in wanted))


@contextmanager
def running(options: Options, directory: Path) -> Iterator[Cluster]:
    """A cluster of etcd and kube-apiserver, whose files are kept in `directory`.

    Raises UnavailableError or StartError.
    """
    plane = ControlPlane(directory, options)
    try:
        plane.start()
        cluster = Cluster(plane)
        furnishing.await_start(cluster)
        yield cluster
    finally:
        plane.stop()
