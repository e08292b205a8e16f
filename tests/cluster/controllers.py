"""Size `controllers`: Deployments roll, pods are bound to nodes and become Running, in pretence."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.cluster import cluster
from tests.cluster.binaries import binary
from tests.cluster.certificates import ADMINISTRATORS, SERVICE_RANGE
from tests.cluster.client import Object
from tests.cluster.cluster import Cluster
from tests.cluster.control_plane import ControlPlane, Options
from tests.cluster.processes import Process
from tests.waiting import until

NODES = {"node-1": "zone-a", "node-2": "zone-b"}
"""The pretended nodes, and the zone of each."""

_PRETENDED_RANGE = "10.250.0.0/24"  # addresses of pods that do not run
_MARK = ("kwok.x-k8s.io/node", "fake")

# Tests wait for what these do: no holding back, there is one cluster and nobody else in it.
_UNHURRIED = ("--kube-api-qps=500", "--kube-api-burst=1000")


def controller_manager(plane: ControlPlane) -> Process:
    """kube-controller-manager, not started."""
    # Nodes get no ranges of addresses from it: nobody needs them, and in 1.30 their controller
    # keeps all others waiting for ten seconds when it starts.
    kubeconfig = _kubeconfig(plane, "kube-controller-manager")
    authority = plane.authority.files
    flags = [
        *_authenticated(kubeconfig),
        "--use-service-account-credentials",
        f"--service-account-private-key-file={plane.service_account_key}",
        f"--root-ca-file={authority.certificate}",
        f"--cluster-signing-cert-file={authority.certificate}",
        f"--cluster-signing-key-file={authority.key}",
        f"--service-cluster-ip-range={SERVICE_RANGE}",
        *_UNHURRIED,
    ]
    return plane.process("kube-controller-manager", flags)


def scheduler(plane: ControlPlane) -> Process:
    """kube-scheduler, not started."""
    kubeconfig = _kubeconfig(plane, "kube-scheduler")
    return plane.process("kube-scheduler", [*_authenticated(kubeconfig), *_UNHURRIED])


def simulator(plane: ControlPlane) -> Process:
    """kwok, which plays the kubelet of the marked nodes; not started."""
    kubeconfig = plane.kubeconfig_of("kwok", "kwok", [ADMINISTRATORS])
    stages = sorted(binary("kwok", plane.options.version).parent.glob("*.yaml"))
    flags = [
        f"--kubeconfig={kubeconfig}",
        *(f"--config={stage}" for stage in stages),
        f"--manage-nodes-with-annotation-selector={'='.join(_MARK)}",
        "--node-lease-duration-seconds=40",
        f"--cidr={_PRETENDED_RANGE}",
    ]
    return plane.process("kwok", flags)


@contextmanager
def running(options: Options, directory: Path) -> Iterator[Cluster]:
    """A cluster with controllers, a scheduler and NODES. Raises as `cluster.running`."""
    with cluster.running(options, directory) as base, ExitStack() as stack:
        for make in (controller_manager, scheduler, simulator):
            process = make(base.plane)
            stack.callback(process.stop)
            process.start()
            base.processes[process.name] = process
        base.apply(*(_node(name, zone) for name, zone in NODES.items()))
        until(lambda: _complete(base), "controllers and nodes")
        yield base


def _authenticated(kubeconfig: Path) -> list[str]:
    """Flags of a single controller on this machine that nobody asks for its health."""
    return [
        f"--kubeconfig={kubeconfig}",
        f"--authentication-kubeconfig={kubeconfig}",
        f"--authorization-kubeconfig={kubeconfig}",
        "--leader-elect=false",
        "--secure-port=0",
    ]


def _kubeconfig(plane: ControlPlane, program: str) -> Path:
    return plane.kubeconfig_of(program, f"system:{program}")


def _node(name: str, zone: str) -> Object:
    labels = {
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "topology.kubernetes.io/zone": zone,
    }
    metadata = {"name": name, "labels": labels, "annotations": dict([_MARK])}
    return {"apiVersion": "v1", "kind": "Node", "metadata": metadata}


def _complete(cluster: Cluster) -> bool:
    """Whether pods can be created, bound and run: the last thing that each controller does."""
    nodes = cluster.list("nodes")
    return cluster.get("ConfigMap", "kube-root-ca.crt") is not None and all(
        _is_ready(node) and not node["spec"].get("taints") for node in nodes
    )


def _is_ready(node: Object) -> bool:
    conditions = node.get("status", {}).get("conditions", ())
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)
