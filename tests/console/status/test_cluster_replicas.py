"""The command against a real API server and real replicas of the webhook."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from tests.cluster import Cluster
from tests.cluster.documents import objects
from tests.cluster.processes import Process
from tests.console.status.test_cluster import status
from tests.waiting import until

Json = dict[str, Any]

_WEBHOOK = Path(__file__).parents[3] / "manifests" / "base" / "webhook"


@contextmanager
def _installed(cluster: Cluster, space: str) -> Iterator[None]:
    """The configuration, for namespaces that nobody has, and the empty Secret."""
    (configuration,) = objects(_WEBHOOK / "configuration.yaml")
    for entry in configuration["webhooks"]:
        entry["clientConfig"]["service"]["namespace"] = space
        entry["namespaceSelector"].setdefault("matchLabels", {})[space] = "served"
    for thing in objects(_WEBHOOK / "certificates.yaml"):
        cluster.apply({**thing, "metadata": {**thing["metadata"], "namespace": space}})
    cluster.apply(configuration)
    try:
        yield
    finally:
        cluster.delete("MutatingWebhookConfiguration", "spanhook")


@contextmanager
def _replicas(cluster: Cluster, space: str, folder: Path, *names: str) -> Iterator[None]:
    """Replicas as processes."""
    spanhook = str(Path(sys.executable).with_name("spanhook"))
    with ExitStack() as stack:
        for name in names:
            command = [
                *(spanhook, "serve", "--kubeconfig", str(cluster.kubeconfig), "--port", "0"),
                *("--namespace", space, "--replica", name),
            ]
            process = Process(name, command, folder)
            process.start()
            stack.callback(process.stop)
            process.wait(partial(_is_ready, process))
        yield


def _is_ready(process: Process) -> bool:
    return "is ready at" in process.log.read_text()


def test_replicas(api: Cluster, tmp_path: Path) -> None:
    """What replicas serve is seen as they say it, believed by every entry, while it rotates too."""

    def seen() -> Json | None:
        _, found = status(api.kubeconfig, "--system-namespace", space)
        served = [one for one in found["certificates"]["replicas"] if one["fingerprint"]]
        leads = any(one["leader"] for one in served)
        believed = all(one["verifies"] for one in found["webhook"]["entries"])
        return found if len(served) == 2 and leads and believed else None

    def rotation() -> Json | None:
        _, found = status(api.kubeconfig, "--system-namespace", space)
        certificates: Json = found["certificates"]
        trusted = [len(one["authorities"]) for one in found["webhook"]["entries"]]
        return certificates if certificates["rotation"] and trusted == [2, 2] else None

    with (
        api.namespace() as space,
        _installed(api, space),
        _replicas(api, space, tmp_path, "replica-1", "replica-2"),
    ):
        found = until(seen, "two replicas that are believed")
        asked = {"metadata": {"annotations": {"spanhook.dev/rotate": "authority"}}}
        api.patch("Secret", "spanhook-webhook-certificates", asked, space)
        rotating = until(rotation, "a rotation that is under way")

    certificates = found["certificates"]
    assert [one["name"] for one in certificates["replicas"]] == ["replica-1", "replica-2"]
    assert all(one["current"] for one in certificates["replicas"])
    assert len({one["fingerprint"] for one in certificates["replicas"]}) == 1
    assert certificates["mode"] == "own"
    assert certificates["rotation"] is None
    assert certificates["nextRotation"] < certificates["expires"]
    said = [one["message"] for one in found["findings"] if one["section"] == "certificates"]
    assert said == []
    assert "a new authority is trusted beside the old one" in rotating["rotation"]
    assert rotating["expires"] == certificates["expires"]
