from pathlib import Path

import pytest

from demo.environment import ConfigError, Sources
from demo.volumes import make_volumes, mounts

_SOURCES = Sources({}, {"m": {"a.txt": "text"}}, {"s": {"key": "hidden"}})


def _pod(**volume: object) -> dict[str, object]:
    return {"spec": {"volumes": [{"name": "v", **volume}]}}


@pytest.mark.parametrize(
    ("volume", "files"),
    [
        ({"emptyDir": {"sizeLimit": "1Mi"}}, {}),
        ({"configMap": {"name": "m"}}, {"a.txt": "text"}),
        ({"secret": {"secretName": "s"}}, {"key": "hidden"}),
    ],
    ids=["emptyDir", "configMap", "secret"],
)
def test_volumes_are_folders(
    tmp_path: Path, volume: dict[str, object], files: dict[str, str]
) -> None:
    """A folder each, with a file for every key."""
    made = make_volumes(_pod(**volume), tmp_path, _SOURCES)

    assert {path.name: path.read_text() for path in made["v"].iterdir()} == files


def test_a_kind_that_has_no_meaning_here(tmp_path: Path) -> None:
    """It is named, not passed over."""
    with pytest.raises(ConfigError, match="volume v"):
        make_volumes(_pod(hostPath={"path": "/"}), tmp_path, _SOURCES)


def test_mounts(tmp_path: Path) -> None:
    """The mount path without its last slash, the folder with its sub-path."""
    container = {
        "volumeMounts": [
            {"name": "v", "mountPath": "/data/"},
            {"name": "v", "mountPath": "/sub", "subPath": "x"},
        ]
    }

    assert mounts(container, {"v": tmp_path}) == {"/data": tmp_path, "/sub": tmp_path / "x"}
