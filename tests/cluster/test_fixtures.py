import pytest

from tests.cluster.binaries import UnavailableError
from tests.cluster.fixtures import give_up

ERROR = UnavailableError("no Go here")


def test_without_a_cluster_tests_are_skipped() -> None:
    """A machine that cannot have a cluster runs the rest, and every skipped test says why."""
    with pytest.raises(pytest.skip.Exception, match="no cluster: no Go here"):
        give_up(ERROR, {})


def test_without_a_cluster_the_gate_fails() -> None:
    """Where a cluster is required nothing is skipped."""
    with pytest.raises(pytest.fail.Exception, match="no cluster: no Go here"):
        give_up(ERROR, {"SPANHOOK_REQUIRE_CLUSTER": "1"})
