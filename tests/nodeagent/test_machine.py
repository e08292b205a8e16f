"""What becomes of tests on machines that lack something."""

import pytest

from tests.nodeagent.machine import give_up


def test_it_is_skipped() -> None:
    """On a machine of which nothing is asked."""
    with pytest.raises(pytest.skip.Exception, match="there is no java"):
        give_up("there is no java", {})


def test_it_fails_where_it_is_required() -> None:
    """A gate that skips would be open."""
    with pytest.raises(pytest.fail.Exception, match="there is no java"):
        give_up("there is no java", {"SPANHOOK_REQUIRE_EBPF": "1"})
