"""What the files say among themselves, and what they must say alike with the code."""

from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.cluster import Cluster
from tests.manifests.installation import MANIFESTS, ROOT, VARIANTS, Object, find, rendered
from webhook.optin import SYSTEM_NAMESPACES
from webhook.server.app import MUTATE
from webhook.server.limits import Limits
from webhook.settings import VERSION

NAMES = ("namespaces.spanhook.dev", "pods.spanhook.dev")


def deployment(things: tuple[Object, ...]) -> tuple[Object, Object]:
    """The pod's template and its one container."""
    pod = find(things, "Deployment")["spec"]["template"]
    (container,) = pod["spec"]["containers"]
    return pod, container


def configuration(things: tuple[Object, ...]) -> dict[str, Object]:
    """The entries by name."""
    return {
        one["name"]: one
        for one in find(things, "MutatingWebhookConfiguration", "spanhook")["webhooks"]
    }


def test_every_file_is_listed() -> None:
    """A file that no kustomization names would never be applied."""
    listed = set()
    for file in MANIFESTS.rglob("kustomization.yaml"):
        document = YAML(typ="safe").load(file)
        entries: list[Any] = [*document.get("resources", []), *document.get("components", [])]
        entries += [patch["path"] for patch in document.get("patches", []) if "path" in patch]
        listed |= {(file.parent / entry).resolve() for entry in entries}

    made = {path for path in MANIFESTS.rglob("*.yaml") if path.name != "kustomization.yaml"}
    assert made == {path for path in listed if path.is_file()}


@pytest.mark.parametrize("variant", VARIANTS)
def test_everything_is_ours(api: Cluster, variant: str) -> None:
    """Objects are found by one label, and lie in our namespaces."""
    things = rendered(api, variant)

    assert {thing["metadata"]["labels"]["app.kubernetes.io/part-of"] for thing in things} == {
        "spanhook"
    }
    namespaces = {thing["metadata"].get("namespace", "spanhook-system") for thing in things}
    assert namespaces == {"spanhook-system", "spanhook-node"}


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_image_is_of_this_version(api: Cluster, variant: str) -> None:
    """A release that forgets the manifests would install the one before it."""
    _, container = deployment(rendered(api, variant))

    assert container["image"] == f"ghcr.io/spanhook/webhook:{VERSION}"
    assert f"ARG VERSION={VERSION}\n" in (ROOT / "Dockerfile").read_text()


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_entries_differ_in_their_selectors_only(api: Cluster, variant: str) -> None:
    """What holds for the pods of one entry holds for those of the other."""
    entries = configuration(rendered(api, variant))
    assert tuple(entries) == NAMES

    own = {"name", "namespaceSelector", "objectSelector"}
    first, second = ({k: v for k, v in entries[name].items() if k not in own} for name in NAMES)

    assert first == second


def test_namespaces_that_are_never_touched_are_never_asked_about(api: Cluster) -> None:
    """The list of the code, in both entries."""
    for entry in configuration(rendered(api, "base")).values():
        expressions = entry["namespaceSelector"]["matchExpressions"]
        (excluded,) = [one for one in expressions if one["key"] == "kubernetes.io/metadata.name"]

        assert excluded["operator"] == "NotIn"
        assert set(excluded["values"]) == SYSTEM_NAMESPACES


def test_calls_reach_the_container(api: Cluster) -> None:
    """From the configuration through the Service, the port's name and the labels to the process."""
    things = rendered(api, "base")
    pod, container = deployment(things)
    service = find(things, "Service")
    (port,) = service["spec"]["ports"]
    (open_port,) = container["ports"]

    assert pod["metadata"]["labels"].items() >= service["spec"]["selector"].items()
    assert port["targetPort"] == open_port["name"]
    assert f"--port={open_port['containerPort']}" in container["args"]
    for entry in configuration(things).values():
        assert entry["clientConfig"] == {
            "service": {
                "namespace": service["metadata"]["namespace"],
                "name": service["metadata"]["name"],
                "path": MUTATE,
                "port": port["port"],
            }
        }


def test_the_same_pods_are_served_spread_budgeted_and_policed(api: Cluster) -> None:
    """Whatever selects the webhook's pods selects all of them."""
    things = rendered(api, "base")
    pod, _ = deployment(things)
    selectors = [
        find(things, "Deployment")["spec"]["selector"],
        find(things, "PodDisruptionBudget")["spec"]["selector"],
        find(things, "NetworkPolicy")["spec"]["podSelector"],
        *(one["labelSelector"] for one in pod["spec"]["topologySpreadConstraints"]),
    ]

    assert [one["matchLabels"] for one in selectors] == [
        find(things, "Service")["spec"]["selector"]
    ] * 5


@pytest.mark.parametrize("variant", VARIANTS)
def test_there_is_time_to_stop(api: Cluster, variant: str) -> None:
    """The kubelet kills after the grace period, in which the preStop hook counts too."""
    pod, container = deployment(rendered(api, variant))
    limits = Limits()
    hook = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
    stopping = limits.linger_seconds + limits.stop_seconds + limits.goodbye_seconds

    assert pod["spec"]["terminationGracePeriodSeconds"] > hook + stopping


def test_memory_holds_what_the_limits_allow(api: Cluster) -> None:
    """All bodies that may arrive at a time, on top of what is requested for everything else."""
    _, container = deployment(rendered(api, "base"))
    amounts = (container["resources"][kind]["memory"] for kind in ("requests", "limits"))
    requested, limit = (int(amount.removesuffix("Mi")) << 20 for amount in amounts)

    assert limit >= requested + Limits().held_bytes
    assert "cpu" not in container["resources"]["limits"]
