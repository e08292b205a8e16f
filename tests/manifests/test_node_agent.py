"""What the DaemonSet's files say, among themselves and as the code has it."""

import json
import os
import re
from pathlib import Path

import pytest

from tests.cluster import Cluster
from tests.cluster.documents import objects
from tests.manifests.installation import MANIFESTS, ROOT, VARIANTS, Object, find, kubectl, rendered
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


def test_older_kernels_get_one_more(api: Cluster, tmp_path: Path) -> None:
    """The component adds it to the others, beside whatever else a person puts together."""
    place = tmp_path / "own"
    place.mkdir()
    base, component = (
        os.path.relpath(MANIFESTS / name, place)
        for name in ("base", "components/node-agent-sys-admin")
    )
    document = {"resources": [base], "components": [component]}
    (place / "kustomization.yaml").write_text(json.dumps(document))
    things = tuple(objects(kubectl(api, "kustomize", str(place))))
    _, container = daemon_set(things)

    assert container["securityContext"]["capabilities"]["add"] == [*CAPABILITIES, "SYS_ADMIN"]


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
    """Image and endpoint are those of the code."""
    _, container = daemon_set(rendered(api, "base"))
    variables = {one["name"]: one for one in container["env"]}

    assert container["image"] == f"ghcr.io/spanhook/node-agent:{VERSION}"
    assert variables["OTEL_EXPORTER_OTLP_ENDPOINT"]["value"] == Settings().endpoint
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
