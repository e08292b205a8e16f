"""Whether this run has a node, and what a run without one says."""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import NoReturn

import pytest

from tests.cluster.binaries import VERSIONS, UnavailableError, binary
from tests.cluster.binaries.programs import SIZES
from tests.cluster.node.machine import obstacles


def provide(config: pytest.Config) -> None:
    """Build what lacks, or skip; with SPANHOOK_REQUIRE_NODE=1 fail instead of skipping."""
    if reason := "; ".join(obstacles()) or _build(config):
        give_up(reason)


def give_up(reason: str, environ: Mapping[str, str] = os.environ) -> NoReturn:
    """Skip the test that needs a node; with SPANHOOK_REQUIRE_NODE=1 fail it."""
    if environ.get("SPANHOOK_REQUIRE_NODE") == "1":
        pytest.fail(f"no node: {reason}", pytrace=False)
    pytest.skip(f"no node: {reason}")


def _build(config: pytest.Config) -> str:
    """Why the programs cannot be had; nothing where they can."""
    try:
        with uncaptured(config):
            for name in SIZES["node"]:
                binary(name, VERSIONS[0])
    except UnavailableError as error:
        return str(error)
    return ""


@contextmanager
def uncaptured(config: pytest.Config) -> Iterator[None]:
    """What is done meanwhile shows its progress."""
    capture = config.pluginmanager.getplugin("capturemanager")
    with ExitStack() as stack:
        if capture is not None:
            stack.enter_context(capture.global_and_fixture_disabled())
        yield
