"""A registry, and the resource in the cluster."""

from collections.abc import Iterator

import pytest

from tests.cluster import Cluster
from tests.cluster.definitions import define
from tests.registry import debian


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[debian.Running]:
    """Debian's docker-registry, plain."""
    with debian.serving(tmp_path_factory.mktemp("registry")) as running:
        yield running


@pytest.fixture
def cluster(api: Cluster) -> Cluster:
    """The API server, with ImageProfiles."""
    define(api)
    return api
