"""A cluster with one real node."""

import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from tests.cluster import controllers
from tests.cluster.binaries import VERSIONS, UnavailableError, binary
from tests.cluster.binaries.programs import SIZES
from tests.cluster.cluster import Cluster
from tests.cluster.cluster import running as running_api
from tests.cluster.control_plane import ControlPlane, Options
from tests.cluster.images import Image, debian, write
from tests.cluster.node import dns
from tests.cluster.node.containerd import PAUSE, Containerd
from tests.cluster.node.kubelet import NAME, kube_proxy, kubelet
from tests.cluster.node.machine import obstacles
from tests.cluster.node.namespace import ADDRESS, Namespace
from tests.cluster.node.remains import Remains, kept
from tests.cluster.processes import Process
from tests.waiting import until

# The address of `kubernetes` in namespace default is one that pods reach.
_FLAGS = ("--endpoint-reconciler-type=lease",)


class Node(Cluster):
    """A cluster whose only node is this machine, seen as its administrator.

    Its methods are for threads that are inside: see `entered`.
    """

    def __init__(self, plane: ControlPlane, network: Namespace, containerd: Containerd) -> None:
        super().__init__(plane)
        self.network = network
        self.containerd = containerd
        self.processes["containerd"] = containerd.process

    def __str__(self) -> str:
        return f"nsenter --net={self.network.path} env KUBECONFIG={self.kubeconfig} kubectl"

    def entered(self) -> AbstractContextManager[None]:
        """Take the calling thread, and what it starts, into the node's network for a while."""
        return self.network.entered()

    def load(self, *images: Image) -> None:
        """Make images known to the node, which never pulls any. Raises CalledProcessError."""
        self.containerd.load(lambda out: write(images, out))

    def load_archive(self, archive: Path) -> None:
        """The same of an OCI archive that somebody else made."""
        with archive.open("rb") as file:
            self.containerd.load(lambda out: shutil.copyfileobj(file, out))

    def await_deployment(self, namespace: str, name: str, seconds: float = 60) -> None:
        """Wait until all its replicas are of its newest template and ready. Raises TimeoutError."""
        until(lambda: self._has_rolled(namespace, name), f"rollout of {name}", seconds)

    def _has_rolled(self, namespace: str, name: str) -> bool:
        found = self.get("Deployment", name, namespace)
        if found is None:
            return False
        wanted, status = found["spec"]["replicas"], found.get("status", {})
        counts = ("replicas", "updatedReplicas", "availableReplicas")
        seen = status.get("observedGeneration") == found["metadata"]["generation"]
        return seen and all(status.get(count, 0) == wanted for count in counts)

    @property
    def is_ready(self) -> bool:
        """Whether pods can come: the kubelet says so, and what they need besides runs."""
        if not all(process.running for process in self.processes.values()):
            return False
        found = self.get("Node", NAME) or {"status": {}}
        conditions = found["status"].get("conditions", ())
        ready = any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)
        return ready and self._has_rolled(dns.NAMESPACE, dns.NAME)


@contextmanager
def running(options: Options, directory: Path) -> Iterator[Node]:
    """A cluster with a node, ready for pods; the calling thread is inside until the block ends.

    Raises UnavailableError where the machine cannot have it, StartError.
    """
    with started(options, directory) as node, node.entered():
        yield node


@contextmanager
def started(options: Options, directory: Path) -> Iterator[Node]:
    """The same for who comes and goes by `Node.entered`."""
    if reasons := obstacles():
        raise UnavailableError("; ".join(reasons))
    # Made out here when they are not there yet: from inside no package can be fetched.
    for name in SIZES["node"]:
        binary(name, VERSIONS[0])
    images = (_pause(), dns.image())
    with kept(directory) as remains, ExitStack() as stack:
        with remains.namespace.entered():
            node = stack.enter_context(_started(options, directory, remains, images))
        yield node


@contextmanager
def _started(
    options: Options, directory: Path, remains: Remains, images: tuple[Image, ...]
) -> Iterator[Node]:
    with ExitStack() as stack:

        def start(process: Process) -> Process:
            stack.callback(process.stop, seconds=0)
            process.start()
            return process

        containerd = Containerd.create(directory, remains.namespace)
        start(containerd.process).wait(containerd.answers)
        base = stack.enter_context(running_api(_inside(options, remains.namespace), directory))
        node = Node(base.plane, remains.namespace, containerd)
        node.load(*images)
        node.processes |= {one.name: start(one) for one in _components(node, remains)}
        node.apply(*dns.objects())
        node.processes["kubelet"].wait(lambda: node.is_ready)
        yield node


def _inside(options: Options, network: Namespace) -> Options:
    # A kubelet must not be newer than its API server, and there is one of the newest version only.
    return replace(
        options,
        version=VERSIONS[0],
        address=ADDRESS,
        launcher=network.launcher,
        flags=(*_FLAGS, *options.flags),
    )


def _components(node: Node, remains: Remains) -> Iterator[Process]:
    yield controllers.controller_manager(node.plane)
    yield controllers.scheduler(node.plane)
    yield kubelet(node.plane, node.containerd, remains.group)
    yield kube_proxy(node.plane, node.containerd)


def _pause() -> Image:
    forever = ["/bin/busybox", "sleep", "2147483647"]
    return Image(PAUSE, (debian.busybox(),), {"Entrypoint": forever})
