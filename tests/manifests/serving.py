"""The webhook in cluster mode, as a process beside the API server, reached as manifests say."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from demo.ports import free_ports
from demo.processes import Child
from tests.cluster import Cluster, Service
from tests.cluster.addresses import own_address
from tests.cluster.processes import start
from tests.manifests.installation import NAMESPACES
from tests.waiting import until

NAME = "spanhook-webhook"
_STOP_SECONDS = 30.0


@contextmanager
def replica(
    cluster: Cluster, kubeconfig: Path, folder: Path, name: str = "replica-1", *options: str
) -> Iterator[Child]:
    """One replica behind the installed Service, ready; ended by SIGTERM.

    `kubeconfig` says with whose rights it runs.
    """
    host = own_address()
    (port,) = free_ports(1)
    command = [
        *(sys.executable, "-m", "console", "serve", "--kubeconfig", str(kubeconfig)),
        *("--namespace", NAMESPACES[0], "--replica", name),
        *("--host", host, "--port", str(port), "--log-format", "json", *options),
    ]
    log = folder / f"{name}.log"
    child = start(name, command, folder, log)
    try:
        until(lambda: child.ended or "spanhook is ready" in log.read_text(), f"{name} is ready")
        if child.ended:
            raise RuntimeError(f"{name} ended:\n{child.last_words()}")
        with _endpoint(cluster, name, port):
            yield child
    finally:
        child.terminate()
        child.end(_STOP_SECONDS)


@contextmanager
def _endpoint(cluster: Cluster, name: str, port: int) -> Iterator[None]:
    service = Service(cluster, NAMESPACES[0], NAME)
    service.add(name, port)
    try:
        yield
    finally:
        service.remove(name)
