"""One plain registry for the tests of this folder."""

from collections.abc import Iterator

import pytest

from tests.registry.debian import Running, serving


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A registry without TLS."""
    with serving(tmp_path_factory.mktemp("plain")) as running:
        yield running
