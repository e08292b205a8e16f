"""A registry with images, and a home without credentials."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.console.images.shelf import fill
from tests.registry.debian import Running, serving


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A registry without TLS that has some images."""
    with serving(tmp_path_factory.mktemp("shop")) as running:
        fill(running)
        yield running


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder of the test's own: nobody's credentials are read."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("DOCKER_CONFIG", raising=False)
    return tmp_path
