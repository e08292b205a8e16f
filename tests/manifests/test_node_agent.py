"""What the DaemonSet's files say, among themselves and as the code has it."""

import json
import os
import re
from pathlib import Path

import pytest

from tests.cluster import Cluster
from tests.cluster.documents import objects
from tests.manifests.installation import MANIFESTS, ROOT, VARIANTS, Object, find, kubectl, rendered
from webhook.identity import NODE_IP
from webhook.settings import VERSION, Settings

NAME = "spanhook-node-agent"
CAPABILITIES = ["BPF", "PERFMON", "SYS_PTRACE", "DAC_READ_SEARCH"]


def daemon_set(things: tuple[Object, ...]) -> tuple[Object, Object]:
    """The pod's specification and its one container."""
    spec = find(things, "DaemonSet", NAME)["spec"]["template"]["spec"]
    (container,) = spec["containers"]
    return spec, container


@pytest.mark.parametrize("variant", VARIANTS)
def test_four_of_roots_capabilities(api: Cluster, variant: str) -> None:
    """Nothing can be written, nothing gained, and nobody is privileged; in every variant."""
    spec, container = daemon_set(rendered(api, variant))
    security = container["securityContext"]

    assert security["capabilities"] == {"drop": ["ALL"], "add": CAPABILITIES}
    assert security["readOnlyRootFilesystem"] is True
    assert security["allowPrivilegeEscalation"] is False
    assert "privileged" not in security
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert spec["hostPID"] is True
    assert {"hostNetwork", "hostIPC"} & set(spec) == set()
    assert [set(volume) for volume in spec["volumes"]] == [{"name", "emptyDir"}]


_MORE = {
    "node-agent-sys-admin": ["SYS_ADMIN", "SYS_RESOURCE"],
    "node-agent-propagation": ["NET_ADMIN"],
}
"""What components add to the capabilities."""


@pytest.mark.parametrize("component", _MORE)
def test_components_add_capabilities(api: Cluster, tmp_path: Path, component: str) -> None:
    """To the others, beside whatever else a person puts together."""
    _, container = daemon_set(_together(api, tmp_path, component))

    assert container["securityContext"]["capabilities"]["add"] == [*CAPABILITIES, *_MORE[component]]


@pytest.mark.parametrize("components", [[one] for one in _MORE] + [list(_MORE)], ids=" ".join)
def test_openshift_allows_what_components_add(
    api: Cluster, tmp_path: Path, components: list[str]
) -> None:
    """The constraints hold what the pod has with each of them, and with all."""
    things = _together(api, tmp_path, "openshift", *components)
    spec, container = daemon_set(things)
    allowed = find(things, "SecurityContextConstraints", NAME)
    volumes = {kind for volume in spec["volumes"] for kind in set(volume) - {"name"}}

    assert allowed["allowedCapabilities"] == container["securityContext"]["capabilities"]["add"]
    assert set(allowed["volumes"]) == {*volumes, "projected"}
    assert allowed["allowHostDirVolumePlugin"] is ("hostPath" in volumes)


def _together(api: Cluster, folder: Path, *components: str) -> tuple[Object, ...]:
    """A kustomization of a person's own."""
    place = folder / "own"
    place.mkdir()
    parts = [os.path.relpath(MANIFESTS / "components" / one, place) for one in components]
    document = {"resources": [os.path.relpath(MANIFESTS / "base", place)], "components": parts}
    (place / "kustomization.yaml").write_text(json.dumps(document))
    return tuple(objects(kubectl(api, "kustomize", str(place))))


def test_openshift_allows_what_is_asked_for(api: Cluster) -> None:
    """The constraints name the account, and hold what the pod has and no more."""
    things = rendered(api, "openshift")
    spec, container = daemon_set(things)
    allowed = find(things, "SecurityContextConstraints", NAME)
    account = find(things, "ServiceAccount", NAME)["metadata"]

    assert allowed["users"] == [f"system:serviceaccount:{account['namespace']}:{NAME}"]
    assert allowed["allowedCapabilities"] == container["securityContext"]["capabilities"]["add"]
    assert allowed["allowHostPID"] is spec["hostPID"]
    assert [key for key, value in allowed.items() if value is True] == [
        *("allowHostPID", "readOnlyRootFilesystem")
    ]
    assert set(allowed["volumes"]) == {"emptyDir", "projected"}
    assert container["securityContext"]["seLinuxOptions"] == {"type": "spc_t"}
    assert "appArmorProfile" not in container["securityContext"]


def test_it_runs_on_every_node_that_can(api: Cluster) -> None:
    """Whatever keeps others away; where its probes can be attached."""
    spec, _ = daemon_set(rendered(api, "base"))

    assert spec["tolerations"] == [{"operator": "Exists"}]
    assert spec["nodeSelector"] == {"kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"}
    assert (
        spec["priorityClassName"]
        == find(rendered(api, "base"), "PriorityClass", NAME)["metadata"]["name"]
    )


def test_it_is_of_this_version_and_sends_where_the_others_send(api: Cluster) -> None:
    """The image is the code's; the endpoint is left to the settings, which may name the node."""
    _, container = daemon_set(rendered(api, "base"))
    variables = {one["name"]: one for one in container["env"]}

    assert container["image"] == f"ghcr.io/spanhook/node-agent:{VERSION}"
    assert "OTEL_EXPORTER_OTLP_ENDPOINT" not in variables
    assert variables[NODE_IP]["valueFrom"]["fieldRef"]["fieldPath"] == "status.hostIP"
    assert variables["SPANHOOK_NODE_NAME"]["valueFrom"]["fieldRef"]["fieldPath"] == "spec.nodeName"
    assert variables["SPANHOOK_POD_UID"]["valueFrom"]["fieldRef"]["fieldPath"] == "metadata.uid"
    assert re.search(r"^FROM \S+ AS node-agent$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)


def test_the_policy_is_for_its_pods_and_lets_the_probes_in(api: Cluster) -> None:
    """By label and by the port's name; out it goes to its endpoint's port."""
    things = rendered(api, "base")
    template = find(things, "DaemonSet", NAME)["spec"]["template"]
    policy = find(things, "NetworkPolicy", NAME)["spec"]
    _, container = daemon_set(things)
    (port,) = container["ports"]
    (incoming,) = policy["ingress"]

    assert policy["podSelector"]["matchLabels"].items() <= template["metadata"]["labels"].items()
    assert incoming["ports"] == [{"port": port["name"]}]
    outgoing = [one["port"] for rule in policy["egress"] for one in rule["ports"]]
    assert int(Settings().endpoint.rpartition(":")[2]) in outgoing
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert container[probe]["httpGet"]["port"] == port["name"]


def test_there_is_room_for_what_was_measured(api: Cluster) -> None:
    """180 MB in full work, and the compiler beside it at the start; never throttled."""
    _, container = daemon_set(rendered(api, "base"))
    limits = container["resources"]["limits"]

    assert int(limits["memory"].removesuffix("Mi")) << 20 >= 280_000_000
    assert "cpu" not in limits
