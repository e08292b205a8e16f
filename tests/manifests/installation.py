"""The manifests, rendered and applied by kubectl as people do it."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from tests.cluster import Cluster
from tests.cluster.definitions import wait_until_left
from tests.cluster.documents import objects
from tests.cluster.furnishing import remove_namespace

Object = dict[str, Any]

ROOT = Path(__file__).parents[2]
MANIFESTS = ROOT / "manifests"
VARIANTS = ("base", *sorted(path.name for path in (MANIFESTS / "overlays").iterdir()))
NAMESPACES = ("spanhook-system", "spanhook-node")

# Other people's definitions, by the variant that has objects of them.
_DEFINED = {
    variant: Path(__file__).with_name(f"{variant}.yaml")
    for variant in ("cert-manager", "openshift")
}


class KubectlError(Exception):
    """kubectl refused; the text is what it said."""


def directory(variant: str) -> Path:
    """Where a variant's kustomization lies."""
    return MANIFESTS / ("base" if variant == "base" else f"overlays/{variant}")


def kubectl(cluster: Cluster, *arguments: str) -> str:
    """Run kubectl; its standard output. Raises KubectlError, for warnings too."""
    done = cluster.kubectl(*arguments)
    if done.returncode != 0 or done.stderr:
        raise KubectlError(f"kubectl {' '.join(arguments)}: {done.stderr or done.stdout}")
    return done.stdout


@cache
def rendered(cluster: Cluster, variant: str) -> tuple[Object, ...]:
    """A variant's objects, as `kubectl kustomize` makes them."""
    return tuple(objects(kubectl(cluster, "kustomize", str(directory(variant)))))


def find(things: tuple[Object, ...], kind: str, name: str = "spanhook-webhook") -> Object:
    """The object of this kind and name. Raises LookupError."""
    for thing in things:
        if (thing["kind"], thing["metadata"]["name"]) == (kind, name):
            return thing
    raise LookupError(f"there is no {kind} {name}")


def apply(cluster: Cluster, variant: str, *options: str) -> str:
    """Apply a variant, as the documentation says; what kubectl says. Raises KubectlError."""
    return kubectl(cluster, "apply", "--validate=strict", *options, "-k", str(directory(variant)))


@contextmanager
def installed(cluster: Cluster, variant: str, *options: str) -> Iterator[tuple[Object, ...]]:
    """A variant in the cluster, its objects; gone at the end. Raises KubectlError."""
    if variant in _DEFINED:
        cluster.apply(_DEFINED[variant])
    wait_until_left(cluster)  # another test may just have taken the definitions away
    try:
        apply(cluster, variant, *options)
        yield rendered(cluster, variant)
    finally:
        uninstall(cluster, variant)


def uninstall(cluster: Cluster, variant: str) -> None:
    """Delete a variant where no controller finishes the deletion of namespaces."""
    cluster.kubectl("delete", "--wait=false", "--ignore-not-found", "-k", str(directory(variant)))
    for name in NAMESPACES:
        remove_namespace(cluster, name)
    wait_until_left(cluster)
