"""Our custom resources in a cluster, without the rest of an installation."""

from pathlib import Path
from typing import Any

from tests.cluster.cluster import Cluster
from tests.waiting import until

_FOLDER = Path(__file__).parents[2] / "manifests" / "base" / "crds"
_KIND = "CustomResourceDefinition"


def define(cluster: Cluster) -> list[dict[str, Any]]:
    """Apply all definitions, and return them as they are when the API server serves them."""
    return [_define(cluster, file) for file in sorted(_FOLDER.glob("*.yaml"))]


def wait_until_left(cluster: Cluster) -> None:
    """Wait for definitions that are being deleted: what is applied meanwhile would go with them."""
    for file in sorted(_FOLDER.glob("*.yaml")):
        _wait_until_left(cluster, f"{file.stem}.spanhook.dev")


def _wait_until_left(cluster: Cluster, name: str) -> None:
    # The API server's finalizer backs off, doubling, while it cannot list what it has to delete.
    until(lambda: not _is_leaving(cluster, name), f"{name} is gone", 120)


def _define(cluster: Cluster, file: Path) -> dict[str, Any]:
    name = f"{file.stem}.spanhook.dev"
    # Another test may just have taken it away with an installation.
    _wait_until_left(cluster, name)
    # As installations do it: one manager of the fields, whoever comes first.
    cluster.kubectl("apply", "-f", str(file))
    until(lambda: _is_served(cluster, name), f"{name} is served")
    # Its conditions are written by a controller of the API server's, which may come after that.
    return until(lambda: _established(cluster, name), f"{name} is established")


def _is_leaving(cluster: Cluster, name: str) -> bool:
    found = cluster.get(_KIND, name)
    return found is not None and "deletionTimestamp" in found["metadata"]


def _established(cluster: Cluster, name: str) -> dict[str, Any] | None:
    found = cluster.get(_KIND, name) or {}
    conditions = found.get("status", {}).get("conditions", ())
    is_established = {"type": "Established", "status": "True"}.items()
    return found if any(is_established <= one.items() for one in conditions) else None


def _is_served(cluster: Cluster, name: str) -> bool:
    plural, _, group = name.partition(".")
    return cluster.request("GET", f"/apis/{group}/v1alpha1/{plural}?limit=1").status == 200
