"""One node for all tests of this folder, and what it looks like when one of them fails."""

from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from tests.cluster.control_plane import Options
from tests.cluster.node import Node
from tests.cluster.node.node import started
from tests.cluster.node.providing import give_up, provide, uncaptured
from tests.cluster.node.report import report
from tests.e2e import installation, jobs, shop, telemetry
from tests.e2e.images import images
from tests.e2e.telemetry import Telemetry
from tests.image.building import missing
from tests.nodeagent.machine import require_tracing

_HERE = Path(__file__).parent

# Once the shop is open, a CronJob becomes due; after the last of them nothing of ours is left.
_ORDER = (
    *("test_node", "test_interruption"),
    *("test_shop", "test_go", "test_opting_out", "test_rollout", "test_jobs", "test_uninstalling"),
)

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


@pytest.fixture(scope="package")
def installed(machine: Node, tmp_path_factory: pytest.TempPathFactory) -> Node:
    """Spanhook runs, with three replicas, failurePolicy: Fail and the node's agent."""
    if (reason := missing()) is not None:
        give_up(reason)
    require_tracing()
    archives = [*installation.archives(tmp_path_factory.mktemp("images"))]
    with machine.entered():
        for archive in archives:
            machine.load_archive(archive)
        installation.install(machine)
    return machine


@pytest.fixture(scope="package")
def received(installed: Node) -> Telemetry:
    """The receiver runs at the address that agents are told by default."""
    with installed.entered():
        return telemetry.receiving(installed)


@pytest.fixture(scope="package")
def opened(received: Telemetry, installed: Node) -> Telemetry:
    """The shop is open, and what its pods send is received."""
    with installed.entered():
        shop.open_shop(installed)
        installation.await_tracing(installed, "stock")
        installed.apply(jobs.cron_job())  # it is due at the next full minute
    return received


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put this folder's tests into their order; those of other folders stay where they are."""
    places = [number for number, item in enumerate(items) if item.path.parent == _HERE]
    ordered = sorted((items[place] for place in places), key=lambda item: _rank(item.path.stem))
    for place, item in zip(places, ordered, strict=True):
        items[place] = item


def _rank(module: str) -> int:
    return _ORDER.index(module) if module in _ORDER else -1


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add to a failure what the node looks like."""
    outcome = yield
    running = item.config.stash.get(_RUNNING, None)
    if outcome.failed and running is not None:
        outcome.sections.append(("the node", _report(running)))
    return outcome


def _report(node: Node) -> str:
    """A node that cannot even be looked at does not hide why the test failed."""
    try:
        return report(node)
    except Exception as error:  # noqa: BLE001
        return f"nothing can be said about it: {error!r}"
