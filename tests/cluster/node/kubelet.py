"""The kubelet and kube-proxy."""

import json
from pathlib import Path

from tests.cluster.binaries import binary
from tests.cluster.certificates import NODES
from tests.cluster.control_plane import ControlPlane
from tests.cluster.node.cgroups import Group
from tests.cluster.node.containerd import POD_RANGE, Containerd
from tests.cluster.node.namespace import ADDRESS
from tests.cluster.processes import Process

NAME = "node1"
DNS = "10.96.0.10"
DOMAIN = "cluster.local"


def kubelet(plane: ControlPlane, containerd: Containerd, group: Group) -> Process:
    """The kubelet of a started containerd, not started itself."""
    folder = plane.directory / "kubelet"
    configuration = _write(folder / "config.json", _kubelet(plane, containerd, group))
    identity = plane.kubeconfig_of("kubelet", f"system:node:{NAME}", [NODES])
    flags = (
        f"--config={configuration}",
        f"--kubeconfig={identity}",
        f"--root-dir={folder}",
        f"--cert-dir={folder}",
        f"--hostname-override={NAME}",
        f"--node-ip={ADDRESS}",
    )
    return _process(plane, containerd, "kubelet", flags)


def kube_proxy(plane: ControlPlane, containerd: Containerd) -> Process:
    """The proxy that makes cluster IPs lead to pods, not started."""
    identity = plane.kubeconfig_of("kube-proxy", "system:kube-proxy")
    configuration = _write(plane.directory / "kube-proxy" / "config.json", _proxy(identity))
    return _process(plane, containerd, "kube-proxy", (f"--config={configuration}",))


def _process(
    plane: ControlPlane, containerd: Containerd, name: str, flags: tuple[str, ...]
) -> Process:
    program = str(binary(name, plane.options.version))
    command = [*containerd.launcher, program, *flags]
    return Process(name, command, plane.directory / "logs")


def _kubelet(plane: ControlPlane, containerd: Containerd, group: Group) -> dict[str, object]:
    serving = plane.authority.issue("kubelet-server", f"system:node:{NAME}", [NODES], [ADDRESS])
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": str(plane.authority.files.certificate)},
        },
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": str(serving.certificate),
        "tlsPrivateKeyFile": str(serving.key),
        "address": ADDRESS,
        "containerRuntimeEndpoint": f"unix://{containerd.socket}",
        "podLogsDir": str(plane.directory / "pods"),
        "clusterDNS": [DNS],
        "clusterDomain": DOMAIN,
        "resolvConf": "",  # what the machine resolves is nothing to the pods
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{group.name}",
        "failCgroupV1": False,
        "failSwapOn": False,
        "enforceNodeAllocatable": [],
        "localStorageCapacityIsolation": False,
        # A machine that is short of space or memory says so in its own way.
        "evictionHard": {
            "imagefs.available": "0%",
            "memory.available": "0%",
            "nodefs.available": "0%",
            "nodefs.inodesFree": "0%",
        },
        "imageGCHighThresholdPercent": 100,  # nobody could pull an image again
        "imagePullCredentialsVerificationPolicy": "NeverVerify",
        "oomScoreAdj": 0,  # see containerd's restrict_oom_score_adj
        "maxPods": 60,
    }


def _proxy(identity: Path) -> dict[str, object]:
    return {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "clientConnection": {"kubeconfig": str(identity)},
        "hostnameOverride": NAME,
        "mode": "iptables",
        "clusterCIDR": POD_RANGE,
        "iptables": {"minSyncPeriod": "100ms"},
        # The machine's limits stay as they are.
        "conntrack": {
            "maxPerCore": 0,
            "min": 0,
            "tcpEstablishedTimeout": "0s",
            "tcpCloseWaitTimeout": "0s",
        },
        "metricsBindAddress": "127.0.0.1:10249",
        "healthzBindAddress": "127.0.0.1:10256",
    }


def _write(path: Path, document: dict[str, object]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=2))
    return path
