"""Agents, as they are built for the images, and a receiver for what they send."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agents import build
from tests.agents import toolbox
from tests.agents.receiver import Receiver, receiving


@pytest.fixture(scope="session")
def receiver() -> Iterator[Receiver]:
    """One receiver for all: tests tell their spans by the service's name."""
    with receiving() as running:
        yield running


@pytest.fixture(scope="session")
def python_agent() -> Path:
    """The directory that a pod mounts as /spanhook/python."""
    return build.cached("python")


@pytest.fixture(scope="session")
def nodejs_agent() -> Path:
    """The directory that a pod mounts as /spanhook/nodejs."""
    return build.cached("nodejs", node=toolbox.package_manager())


@pytest.fixture(scope="session")
def java_agent() -> Path:
    """The directory that a pod mounts as /spanhook/java."""
    return build.cached("java")


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """A directory with express, fastify and several versions of Node.js."""
    return toolbox.nodejs_packages()
