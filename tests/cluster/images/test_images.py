import hashlib
import io
import json
import os
import tarfile
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.images import Image, Layer, layer, write


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SPANHOOK_CACHE", str(tmp_path / "cache"))


def _tree(root: Path) -> Path:
    (root / "bin").mkdir(parents=True)
    (root / "bin" / "program").write_text("#!/bin/sh\n")
    (root / "bin" / "program").chmod(0o755)
    (root / "bin" / "link").symlink_to("program")
    return root


def _written(*images: Image) -> dict[str, bytes]:
    out = io.BytesIO()
    write(images, out)
    with tarfile.open(fileobj=io.BytesIO(out.getvalue())) as tar:
        assert len(tar.getnames()) == len(set(tar.getnames()))
        files = ((name, tar.extractfile(name)) for name in tar.getnames())
        return {name: file.read() for name, file in files if file is not None}


def _blob(files: dict[str, bytes], descriptor: dict[str, Any]) -> bytes:
    """What a descriptor describes; it is right about digest and size."""
    content = files[f"blobs/{descriptor['digest'].replace(':', '/')}"]
    assert descriptor["digest"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
    assert descriptor["size"] == len(content)
    return content


def test_a_layer_holds_a_tree(tmp_path: Path) -> None:
    """Modes and links stay, everything belongs to root, and paths are those in the image."""
    made = layer("app", {"/opt/app": _tree(tmp_path / "tree")})

    with tarfile.open(made.path) as tar:
        found = {one.name: one for one in tar.getmembers()}

    assert set(found) == {"opt/app", "opt/app/bin", "opt/app/bin/program", "opt/app/bin/link"}
    assert found["opt/app/bin/program"].mode & 0o777 == 0o755
    assert found["opt/app/bin/link"].linkname == "program"
    assert {(one.uid, one.gid, one.uname, one.mtime) for one in found.values()} == {(0, 0, "", 0)}


def test_the_same_content_is_the_same_layer(tmp_path: Path) -> None:
    """Wherever it lies and whenever it was written; it is packed once."""
    first, second = (_tree(tmp_path / name) for name in ("first", "second"))
    os.utime(second / "bin" / "program", (0, 0))

    assert layer("app", {"/app": first}) == layer("app", {"/app": second})


@pytest.mark.parametrize("change", ["content", "mode", "place"])
def test_other_content_is_another_layer(tmp_path: Path, change: str) -> None:
    """What a container would see tells layers apart."""
    tree = _tree(tmp_path / "tree")
    before = layer("app", {"/app": tree})
    if change == "content":
        (tree / "bin" / "program").write_text("#!/bin/bash\n")
    if change == "mode":
        (tree / "bin" / "program").chmod(0o700)

    after = layer("app", {"/other" if change == "place" else "/app": tree})

    assert before.digest != after.digest


def test_what_breaks_off_is_no_layer(tmp_path: Path) -> None:
    """Half an archive is not taken for a layer later."""

    def fail(tar: tarfile.TarFile) -> None:
        tar.addfile(tarfile.TarInfo("half"))
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space left"):
        Layer.cached("app", ["parts"], fail)

    assert list((tmp_path / "cache" / "layers").iterdir()) == []


def test_an_archive_is_an_oci_layout(tmp_path: Path) -> None:
    """From the index by way of manifests to configurations and layers, all digests are right."""
    base = layer("base", {"/": _tree(tmp_path / "base")})
    app = layer("app", {"/app": _tree(tmp_path / "app")})
    images = [
        Image("shop.test/base:1", (base,), {"Cmd": ["sh"]}),
        Image("shop.test/app:1", (base, app), {"User": "1000"}),
    ]

    files = _written(*images)

    assert json.loads(files["oci-layout"]) == {"imageLayoutVersion": "1.0.0"}
    for image, entry in zip(images, json.loads(files["index.json"])["manifests"], strict=True):
        assert entry["annotations"]["io.containerd.image.name"] == image.reference
        manifest = json.loads(_blob(files, entry))
        config = json.loads(_blob(files, manifest["config"]))
        assert config["config"] == image.config
        assert config["rootfs"]["diff_ids"] == [one.digest for one in image.layers]
        contents = [_blob(files, one) for one in manifest["layers"]]
        assert contents == [one.path.read_bytes() for one in image.layers]
