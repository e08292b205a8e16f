"""Names of Services and pods: CoreDNS, set up as clusters have it."""

from tests.cluster.binaries import VERSIONS, binary
from tests.cluster.client import Object
from tests.cluster.images import Image, layer
from tests.cluster.node.kubelet import DNS, DOMAIN

IMAGE = "spanhook.test/coredns:1"
NAMESPACE = "kube-system"

NAME = "coredns"
_LABELS = {"k8s-app": "kube-dns"}
_PORT = 5353  # one that needs no privilege

# Nothing is forwarded: there is no way out of the node's network.
_COREFILE = f"""\
.:{_PORT} {{
    errors
    ready
    kubernetes {DOMAIN} in-addr.arpa
}}
"""


def image() -> Image:
    """CoreDNS and nothing else. Raises UnavailableError."""
    program = layer(NAME, {"/coredns": binary(NAME, VERSIONS[0])})
    return Image(IMAGE, (program,), {"Entrypoint": ["/coredns"]})


def objects() -> list[Object]:
    """What to apply."""
    return [
        _object("v1", "ServiceAccount"),
        _cluster_role(),
        _binding(),
        _object("v1", "ConfigMap") | {"data": {"Corefile": _COREFILE}},
        _deployment(),
        _service(),
    ]


def _cluster_role() -> Object:
    watch = ["list", "watch"]
    rules = [
        {
            "apiGroups": [""],
            "resources": ["endpoints", "services", "pods", "namespaces"],
            "verbs": watch,
        },
        {"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "verbs": watch},
    ]
    return _object("rbac.authorization.k8s.io/v1", "ClusterRole") | {"rules": rules}


def _binding() -> Object:
    group = "rbac.authorization.k8s.io"
    return _object(f"{group}/v1", "ClusterRoleBinding") | {
        "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": NAME},
        "subjects": [{"kind": "ServiceAccount", "name": NAME, "namespace": NAMESPACE}],
    }


def _deployment() -> Object:
    container = {
        "name": NAME,
        "image": IMAGE,
        "args": ["-conf", "/etc/coredns/Corefile"],
        "readinessProbe": {"httpGet": {"path": "/ready", "port": 8181}, "periodSeconds": 1},
        "volumeMounts": [{"name": "configuration", "mountPath": "/etc/coredns"}],
    }
    pod = {
        "serviceAccountName": NAME,
        "dnsPolicy": "Default",
        "containers": [container],
        "volumes": [{"name": "configuration", "configMap": {"name": NAME}}],
    }
    template = {"metadata": {"labels": _LABELS}, "spec": pod}
    spec = {"selector": {"matchLabels": _LABELS}, "template": template}
    return _object("apps/v1", "Deployment") | {"spec": spec}


def _service() -> Object:
    ports = [
        {"name": protocol, "protocol": protocol.upper(), "port": 53, "targetPort": _PORT}
        for protocol in ("udp", "tcp")
    ]
    spec = {"clusterIP": DNS, "selector": _LABELS, "ports": ports}
    return _object("v1", "Service") | {"spec": spec}


def _object(version: str, kind: str) -> Object:
    metadata = {"name": NAME, "namespace": NAMESPACE}
    if kind.startswith("ClusterRole"):
        del metadata["namespace"]
    return {"apiVersion": version, "kind": kind, "metadata": metadata}
