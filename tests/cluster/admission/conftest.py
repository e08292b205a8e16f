"""One webhook for all tests of admission."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.cluster import Cluster
from tests.cluster.admission.others import Change, Other, other
from tests.cluster.admission.stored import Place
from tests.cluster.admission.twins import Twins, twins
from tests.cluster.admission.webhook import Webhook, webhook


@pytest.fixture(name="ours", scope="package")
def fixture_ours(api: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Webhook]:
    """Our webhook, registered; it never lets a pod through for lack of an answer."""
    with webhook(api, tmp_path_factory.mktemp("webhook")) as found:
        yield found


@pytest.fixture(name="pair")
def fixture_pair(ours: Webhook) -> Iterator[Twins]:
    """Twin namespaces without anything in them."""
    with twins(ours) as found:
        yield found


@pytest.fixture(name="pairs")
def fixture_pairs(ours: Webhook) -> Iterator[Callable[..., Twins]]:
    """Makes twin namespaces with labels; they are gone after the test."""
    with ExitStack() as stack:
        make = partial(twins, ours)
        yield lambda labels=None: stack.enter_context(make(labels))


@pytest.fixture(name="place")
def fixture_place(pair: Twins, tmp_path: Path) -> Iterator[Place]:
    """Puts another webhook beside ours; it is gone after the test."""
    with ExitStack() as stack:

        def place(name: str, change: Change, **fields: Any) -> Other:
            made = other(pair.cluster, tmp_path, name, pair.served, change, **fields)
            return stack.enter_context(made)

        yield place
