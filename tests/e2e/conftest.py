"""One node for all tests of this folder, and what it looks like when one of them fails."""

from collections.abc import Generator, Iterator

import pytest

from tests.cluster.control_plane import Options
from tests.cluster.node import Node
from tests.cluster.node.node import started
from tests.cluster.node.providing import provide, uncaptured
from tests.cluster.node.report import report
from tests.e2e.images import images

_RUNNING = pytest.StashKey[Node]()


@pytest.fixture(scope="package")
def machine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Node]:
    """The node, with the images on it; for who enters it."""
    config = request.config
    provide(config)
    with uncaptured(config):
        made = images()
    with started(Options(), tmp_path_factory.mktemp("node")) as node:
        config.stash[_RUNNING] = node
        with node.entered():
            node.load(*made)
        yield node
        del config.stash[_RUNNING]


@pytest.fixture
def node(machine: Node) -> Iterator[Node]:
    """The node, and the test inside of its network."""
    with machine.entered():
        yield machine


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add to a failure what the node looks like."""
    outcome = yield
    running = item.config.stash.get(_RUNNING, None)
    if outcome.failed and running is not None:
        outcome.sections.append(("the node", report(running)))
    return outcome
