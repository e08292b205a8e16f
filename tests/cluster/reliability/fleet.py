"""Replicas of the webhook as real processes behind a Service, treated as Kubernetes treats pods.

A replica is an endpoint once it is ready. One that is to go is marked as terminating at the moment
when its preStop hook begins, gets SIGTERM after it, and its endpoint goes when the process has
ended: `kubectl rollout restart` does the same.
"""

import http.client
import os
import signal
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from demo.processes import Child
from tests.cluster import Service
from tests.cluster.addresses import own_address
from tests.cluster.processes import start
from tests.waiting import until

Address = tuple[str, int]
Command = Callable[[str, Address], list[str]]
"""A replica's command line by its name and address."""

PRE_STOP_SECONDS = 1.0
"""Shorter than in the manifests: here news of endpoints reaches one API server, on this machine."""
STOP_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Replica:
    """A process that serves."""

    name: str
    child: Child
    address: Address

    def is_ready(self) -> bool:
        """Whether the readiness probe succeeds; like the kubelet's it trusts any certificate."""
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        connection = http.client.HTTPSConnection(*self.address, timeout=5, context=context)
        with closing(connection):
            try:
                connection.request("GET", "/readyz")
                return connection.getresponse().status == http.HTTPStatus.OK
            except OSError:
                return False

    def kill(self) -> None:
        """End it as the kernel does when memory is short."""
        self.child.end(0)

    @contextmanager
    def hung(self) -> Iterator[None]:
        """Stop it in its tracks: connections stay open and are accepted, nothing is answered."""
        os.kill(self.child.popen.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.child.popen.pid, signal.SIGCONT)


class Fleet:
    """Replicas of one Service."""

    def __init__(self, service: Service, logs: Path, command: Command) -> None:
        self._service = service
        self._logs = logs
        self._command = command
        self._numbers = count(1)
        self._host = own_address()
        self.replicas: list[Replica] = []

    def scale_up(self, more: int = 1) -> None:
        """Start replicas, and make them endpoints once they are ready."""
        for replica in [self._start(f"replica-{next(self._numbers)}") for _ in range(more)]:
            self.replicas.append(replica)
            self._admit(replica)

    def roll(self) -> None:
        """Replace every replica by a new one, one after the other, none missing at any time."""
        for replica in tuple(self.replicas):
            self.scale_up()
            self.retire(replica)

    def retire(self, replica: Replica) -> None:
        """Take a replica out of service without anybody noticing.

        Raises RuntimeError where it does not end by itself, with 0.
        """
        self.publish(replica, ready=False, terminating=True)
        threading.Event().wait(PRE_STOP_SECONDS)  # what the preStop hook is: a wait and no more
        replica.child.terminate()
        code = replica.child.end(STOP_SECONDS)
        self._service.remove(replica.name)
        self.replicas.remove(replica)
        if code != 0:
            raise RuntimeError(f"{replica.name} ended with {code}:\n{replica.child.last_words()}")

    def restart_in_place(self, replica: Replica) -> None:
        """What the kubelet does with a container that died: not ready, then anew in the pod."""
        self.publish(replica, ready=False)
        again = self._start(replica.name, replica.address[1])
        self.replicas[self.replicas.index(replica)] = again
        self._admit(again)

    def publish(self, replica: Replica, *, ready: bool = True, terminating: bool = False) -> None:
        """Tell the API server of a replica's endpoint and its conditions."""
        port = replica.address[1]
        self._service.add(replica.name, port, ready=ready, terminating=terminating)

    def stop(self) -> None:
        """End all processes, in whatever state they are."""
        for replica in self.replicas:
            replica.kill()
            self._service.remove(replica.name)
        self.replicas.clear()

    def _admit(self, replica: Replica) -> None:
        until(lambda: replica.child.ended or replica.is_ready(), f"{replica.name} is ready")
        if replica.child.ended:
            raise RuntimeError(f"{replica.name} ended:\n{replica.child.last_words()}")
        self.publish(replica)

    def _start(self, name: str, port: int | None = None) -> Replica:
        address = (self._host, port or _free_port(self._host))
        log = self._logs / f"{name}.{address[1]}.{next(self._numbers)}.log"
        command = self._command(name, address)
        return Replica(name, start(name, command, self._logs, log), address)


def _free_port(host: str) -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])
