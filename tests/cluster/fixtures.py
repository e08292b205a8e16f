"""The clusters that tests share; tests/conftest.py makes these fixtures known to all of them."""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import NoReturn

import pytest

from tests.cluster.binaries import UnavailableError, binary
from tests.cluster.binaries.programs import SIZES
from tests.cluster.cluster import Cluster
from tests.cluster.sizes import cluster


@pytest.fixture(scope="session")
def api(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cluster]:
    """One API server for the whole run: every test takes a namespace of its own."""
    yield from _shared("api", request, tmp_path_factory)


@pytest.fixture(scope="session")
def controllers(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cluster]:
    """One cluster with controllers and pretended nodes for the whole run."""
    yield from _shared("controllers", request, tmp_path_factory)


def _shared(
    size: str, request: pytest.FixtureRequest, folders: pytest.TempPathFactory
) -> Iterator[Cluster]:
    _provide(size, request)
    # pytest keeps the folders of the last runs: the logs can be read when all is over.
    with cluster(size, directory=folders.mktemp(f"cluster-{size}")) as running:
        yield running


def _provide(size: str, request: pytest.FixtureRequest) -> None:
    """Build what lacks; where that cannot be, give the test up."""
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with ExitStack() as stack:
        if capture is not None:  # what is built shows its progress
            stack.enter_context(capture.global_and_fixture_disabled())
        try:
            for name in SIZES[size]:
                binary(name)
        except UnavailableError as error:
            give_up(error)


def give_up(error: UnavailableError, environ: Mapping[str, str] = os.environ) -> NoReturn:
    """Skip the test that needs a cluster; with SPANHOOK_REQUIRE_CLUSTER=1 fail it."""
    reason = f"no cluster: {error}"
    if environ.get("SPANHOOK_REQUIRE_CLUSTER") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
