"""The component with which traces are passed on in what sockets send."""

import json
import os
from pathlib import Path

from console.commands.node_agent import Propagation
from tests.cluster import Cluster
from tests.cluster.documents import objects
from tests.manifests.installation import MANIFESTS, kubectl
from tests.manifests.test_node_agent import CAPABILITIES, daemon_set


def test_it_adds_what_sockets_need(api: Cluster, tmp_path: Path) -> None:
    """One capability, the machine's control groups to look at, and the choice itself."""
    place = tmp_path / "own"
    place.mkdir()
    base, component = (
        os.path.relpath(MANIFESTS / name, place)
        for name in ("base", "components/node-agent-propagation")
    )
    document = {"resources": [base], "components": [component]}
    (place / "kustomization.yaml").write_text(json.dumps(document))
    things = tuple(objects(kubectl(api, "kustomize", str(place))))
    spec, container = daemon_set(things)
    environment = {one["name"]: one.get("value") for one in container["env"]}
    mounts = {one["name"]: one for one in container["volumeMounts"]}
    volumes = {one["name"]: one for one in spec["volumes"]}

    assert container["securityContext"]["capabilities"]["add"] == [*CAPABILITIES, "NET_ADMIN"]
    assert environment["SPANHOOK_PROPAGATION"] == Propagation.AUTO
    assert mounts["control-groups"]["readOnly"] is True
    assert volumes["control-groups"]["hostPath"]["path"] == "/sys/fs/cgroup"
