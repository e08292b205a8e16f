"""The pieces of YAML in docs/install.md and docs/images.md do what is said of them."""

import json
import re
import shutil
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.cluster import Cluster
from tests.cluster.documents import objects
from tests.manifests.installation import MANIFESTS, ROOT, Object, find, kubectl, rendered
from tests.manifests.rights import granted

BLOCK = re.compile(r"^( *)```yaml\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
HEAD = """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [spanhook/manifests/base]
"""


def blocks(word: str, page: str = "install.md") -> str:
    """The one block of the page that holds this word."""
    found = [match[2] for match in BLOCK.finditer((ROOT / "docs" / page).read_text())]
    (block,) = (text for text in found if word in text)
    return block


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Somebody's own folder, with ours below it."""
    shutil.copytree(MANIFESTS, tmp_path / "spanhook" / "manifests")
    return tmp_path


def built(cluster: Cluster, folder: Path, text: str) -> tuple[Object, ...]:
    """What a kustomization of this text gives."""
    (folder / "kustomization.yaml").write_text(text)
    return tuple(objects(kubectl(cluster, "kustomize", str(folder))))


def test_components_go_together(api: Cluster, folder: Path) -> None:
    """High availability on OpenShift, from a registry of one's own and with settings."""
    things = built(api, folder, blocks("components/ha"))
    deployment = find(things, "Deployment")["spec"]
    settings = find(things, "ConfigMap", "spanhook-settings")["data"]["settings.yaml"]
    (container,) = deployment["template"]["spec"]["containers"]

    assert deployment["replicas"] == 3
    assert "runAsUser" not in deployment["template"]["spec"]["securityContext"]
    assert container["image"] == "registry.example.com/spanhook/webhook:0.1.0"
    assert YAML(typ="safe").load(settings) == {
        "languages": {"python": {"image": "registry.example.com/spanhook/agent-python:0.1.0"}}
    }


def test_the_nodes_network(api: Cluster, folder: Path) -> None:
    """The patches find what they change: the port, the order, what the namespace allows."""
    indented = HEAD + re.sub(r"^  ", "", blocks("hostNetwork"), flags=re.MULTILINE)
    things = built(api, folder, indented)
    deployment = find(things, "Deployment")["spec"]
    pod = deployment["template"]["spec"]
    before = find(rendered(api, "base"), "Deployment")["spec"]["template"]["spec"]
    (container,), (old,) = pod["containers"], before["containers"]

    assert pod["hostNetwork"] is True
    assert container["ports"] == [{"name": "https", "containerPort": 10260}]
    assert container["args"] == [
        "--port=10260" if one.startswith("--port=") else one for one in old["args"]
    ]
    # A successor would wait for the port that its predecessor has.
    assert deployment["strategy"]["rollingUpdate"] == {"maxSurge": 0, "maxUnavailable": 1}
    labels = find(things, "Namespace", "spanhook-system")["metadata"]["labels"]
    levels = [labels[f"pod-security.kubernetes.io/{one}"] for one in ("enforce", "audit", "warn")]
    assert levels == ["privileged"] * 3


def test_the_rights_are_those_of_the_page(api: Cluster) -> None:
    """Each resource of the roles stands in the table of rights."""
    text = (ROOT / "docs" / "install.md").read_text().replace(" ", "").lower()
    for kind in ("Role", "ClusterRole"):
        for rule in find(rendered(api, "base"), kind)["rules"]:
            for resource in rule["resources"]:
                assert resource.removesuffix("s") in text


def test_a_proxy(api: Cluster, folder: Path) -> None:
    """The patch lets the webhook out to one port more, and closes none."""
    before = _outward(rendered(api, "base"))
    after = _outward(built(api, folder, HEAD + blocks("/spec/egress/-", "images.md")))

    assert 3128 not in before
    assert after == before | {3128}


def test_another_pull_secret(api: Cluster, folder: Path) -> None:
    """The patch allows to get one Secret more, by its name, and nothing else."""
    before = set(granted(rendered(api, "base")))
    things = built(api, folder, HEAD + blocks("resourceNames: [other]", "images.md"))
    (more,) = set(granted(things)) - before

    assert (more.resource, more.name, more.verb) == ("secrets", "other", "get")
    assert more.namespace == "spanhook-system"
    assert before <= set(granted(things))


def _outward(things: tuple[Object, ...]) -> set[int]:
    """The ports that the webhook may connect to."""
    policy = find(things, "NetworkPolicy", "spanhook-webhook")["spec"]
    return {one["port"] for rule in policy["egress"] for one in rule["ports"]}


def test_older_kernels(api: Cluster, folder: Path) -> None:
    """The component adds two capabilities to the node agent's, and changes nothing else."""
    text = HEAD + blocks("components/node-agent-sys-admin")
    agent, before = (
        find(things, "DaemonSet", "spanhook-node-agent")["spec"]["template"]["spec"]
        for things in (built(api, folder, text), rendered(api, "base"))
    )
    more = agent["containers"][0]["securityContext"]["capabilities"].pop("add")
    fewer = before["containers"][0]["securityContext"]["capabilities"]["add"]

    assert more == [*fewer, "SYS_ADMIN", "SYS_RESOURCE"]
    assert [key for key in agent if agent[key] != before[key]] == ["containers"]


def test_without_node_agents(api: Cluster, folder: Path) -> None:
    """A patch that deletes the DaemonSet leaves the rest."""
    delete = {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": {"name": "spanhook-node-agent", "namespace": "spanhook-node"},
        "$patch": "delete",
    }
    text = f"{HEAD}patches:\n  - patch: |\n      {json.dumps(delete)}\n"
    things = built(api, folder, text)

    assert "DaemonSet" not in {thing["kind"] for thing in things}
    assert len(things) == len(rendered(api, "base")) - 1
