"""A registry, the resource in the cluster, and a namespace of the webhook's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster import Cluster
from tests.cluster.definitions import define
from tests.registry.debian import serving
from tests.webhook.server.cluster.images.shelf import Shelf


@pytest.fixture(name="shelf")
def fixture_shelf(tmp_path: Path) -> Iterator[Shelf]:
    """A registry without images."""
    folder = tmp_path / "registry"
    folder.mkdir()
    with serving(folder) as registry:
        yield Shelf(registry, folder / "registry.log")


@pytest.fixture(name="installed")
def fixture_installed(api: Cluster) -> Cluster:
    """The API server with our resource."""
    define(api)
    return api


@pytest.fixture(name="own")
def fixture_own(installed: Cluster) -> Iterator[str]:
    """The namespace of the webhook's own objects."""
    with installed.namespace() as name:
        yield name
