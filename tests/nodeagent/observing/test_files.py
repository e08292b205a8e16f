"""Reads within somebody else's folder: nothing outside, nothing that blocks."""

import os
import socket
from pathlib import Path

import pytest

from nodeagent.observing.files import inside, upto


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A container's root, and a secret beside it."""
    (tmp_path / "secret").write_text("outside")
    folder = tmp_path / "root"
    (folder / "etc").mkdir(parents=True)
    (folder / "etc" / "release").write_text("inside")
    return folder


@pytest.mark.parametrize(
    "path", ["/etc/release", "etc/release", "/etc/../etc/release", "/../../etc/release"]
)
def test_files_within(root: Path, path: str) -> None:
    """A path begins at the root, wherever it goes."""
    assert inside(root, path, 100) == b"inside"


def test_links_stay_within(root: Path) -> None:
    """An absolute link leads to the container's own file, one with too many dots as well."""
    (root / "absolute").symlink_to("/etc/release")
    (root / "dots").symlink_to("../../../../etc/release")
    (root / "out").symlink_to("../secret")
    (root / "folder").symlink_to(root.parent)
    (root / "round").symlink_to("round")

    assert inside(root, "/absolute", 100) == b"inside"
    assert inside(root, "/dots", 100) == b"inside"
    assert inside(root, "/out", 100) is None
    assert inside(root, "/folder/secret", 100) is None
    assert inside(root, "/round", 100) is None


def test_what_is_no_ordinary_file(root: Path) -> None:
    """Is never opened: a FIFO would block, a device might do something."""
    os.mkfifo(root / "fifo")
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(root / "socket"))
        assert inside(root, "/socket", 100) is None
    assert inside(root, "/fifo", 100) is None
    assert inside(root, "/etc", 100) is None
    (root / "null").symlink_to("/dev/null")
    assert inside(root, "/null", 100) is None
    assert inside(Path("/"), "/dev/zero", 100) is None


def test_other_mounts_are_not_entered() -> None:
    """A volume may hang, or be anybody's: /proc stands for one."""
    assert inside(Path("/"), "/proc/version", 10_000) is None


@pytest.mark.parametrize("path", ["/missing", "/etc/release/x", "", "a\0b", "/" + "x" * 5000])
def test_what_is_not_there(root: Path, path: str) -> None:
    """Gives nothing, and raises nothing."""
    assert inside(root, path, 100) is None
    assert inside(root / "missing", "/etc/release", 100) is None


def test_bounds(root: Path) -> None:
    """What is longer than it may be is not read; of files of /proc the beginning is."""
    assert inside(root, "/etc/release", 6) == b"inside"
    assert inside(root, "/etc/release", 5) is None
    assert upto(root / "etc" / "release", 3) == b"ins"
    assert upto(Path("/dev/zero"), 200_000) == bytes(200_000)
    with pytest.raises(OSError, match="missing"):
        upto(root / "missing", 1)
