"""What is kept of workloads and pods."""

from typing import Any

import msgspec
import pytest

from tests.webhook.server.cluster.profiler.things import container, deployment, pod
from webhook.server.cluster.profiler.objects import Lean, Pod, Workload


@pytest.mark.parametrize("shape", [Workload, Pod])
def test_huge_command_lines(shape: type[Workload | Pod]) -> None:
    """A script is kept; a megabyte is nobody's to hold, and such a pod is asked for on its own."""

    def kept(size: int) -> Lean | None:
        made: Any = pod if shape is Pod else deployment
        document = made(container(args=["x" * size]))
        return msgspec.json.decode(msgspec.json.encode(document), type=shape).lean

    assert kept(15_000) is not None
    assert kept(16_384) is None
    assert kept(1 << 20) is None
