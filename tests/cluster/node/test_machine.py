import os
from pathlib import Path

import pytest

from tests.cluster.node import machine
from tests.cluster.node.providing import give_up


def test_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every program that lacks is one of a package, and a package is named once."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(machine, "SBIN", ())
    monkeypatch.setattr(machine, "PLUGINS", ())

    reason = machine.obstacles()[-1]

    assert reason.startswith("missing: containerd containernetworking-plugins debootstrap ")
    assert len(set(reason.split())) == len(reason.split())


def test_containers_need_file_systems_of_their_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A machine where none can be stacked is told by what mount says."""
    (tmp_path / "unshare").write_text("#!/bin/sh\necho operation not permitted >&2\nexit 1\n")
    (tmp_path / "unshare").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(machine, "_PROGRAMS", {})
    monkeypatch.setattr(machine, "plugins", lambda: tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: 0)

    assert machine.obstacles()[-1].endswith("here: operation not permitted")


def test_only_root_can_run_a_node(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever else asks is told."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    assert "only root can run a node" in machine.obstacles()


def test_control_groups_are_needed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine that has none mounted can limit nothing."""
    monkeypatch.setattr("tests.cluster.node.cgroups.ROOT", tmp_path)

    assert any("control groups" in reason for reason in machine.obstacles())


def test_other_systems_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """One reason is enough there."""
    monkeypatch.setattr("sys.platform", "darwin")

    assert machine.obstacles() == ["this is darwin, not Linux"]


def test_without_a_node_a_test_is_skipped() -> None:
    """The reason says what lacks."""
    with pytest.raises(pytest.skip.Exception, match="no node: no containerd"):
        give_up("no containerd", {})


def test_where_a_node_is_required_its_lack_is_a_failure() -> None:
    """No gate passes because nothing ran."""
    with pytest.raises(pytest.fail.Exception, match="no node: no containerd"):
        give_up("no containerd", {"SPANHOOK_REQUIRE_NODE": "1"})
