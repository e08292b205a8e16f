"""Images in one archive: an OCI image layout, of which every blob is there once.

The layout: https://github.com/opencontainers/image-spec/blob/main/image-layout.md
"""

import hashlib
import io
import json
import platform
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import IO, Any

from tests.cluster.images.layers import Layer

_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_CONFIG = "application/vnd.oci.image.config.v1+json"
_LAYER = "application/vnd.oci.image.layer.v1.tar"
_INDEX = "application/vnd.oci.image.index.v1+json"

_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
ARCHITECTURE = _ARCHITECTURES.get(platform.machine(), platform.machine())


@dataclass(frozen=True, slots=True)
class Image:
    """An image: its whole reference, its layers from the lowest, what containers start with.

    `config` is the `config` object of an OCI image configuration document.
    """

    reference: str
    layers: tuple[Layer, ...]
    config: Mapping[str, Any]

    def document(self) -> dict[str, Any]:
        """The OCI image configuration document."""
        return {
            "architecture": ARCHITECTURE,
            "os": "linux",
            "config": dict(self.config),
            "rootfs": {"type": "layers", "diff_ids": [layer.digest for layer in self.layers]},
        }


def write(images: Iterable[Image], out: IO[bytes]) -> None:
    """Write all of them as one archive into a stream that need not be seekable."""
    with tarfile.open(fileobj=out, mode="w|", format=tarfile.PAX_FORMAT) as tar:
        layout = _Layout(tar)
        manifests = [layout.image(image) for image in images]
        layout.document("oci-layout", {"imageLayoutVersion": "1.0.0"})
        index = {"schemaVersion": 2, "mediaType": _INDEX, "manifests": manifests}
        layout.document("index.json", index)


class _Layout:
    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self._written = set[str]()

    def image(self, image: Image) -> dict[str, Any]:
        """Write the blobs of an image; its descriptor for the index."""
        layers = [self._layer(layer) for layer in image.layers]
        manifest = {
            "schemaVersion": 2,
            "mediaType": _MANIFEST,
            "config": self._json(_CONFIG, image.document()),
            "layers": layers,
        }
        # The name as containerd reads it, and the one of the specification.
        names = ("io.containerd.image.name", "org.opencontainers.image.ref.name")
        annotations = dict.fromkeys(names, image.reference)
        return {**self._json(_MANIFEST, manifest), "annotations": annotations}

    def document(self, name: str, document: object) -> None:
        """Write a JSON file."""
        content = json.dumps(document).encode()
        self._add(name, len(content), io.BytesIO(content))

    def _json(self, media_type: str, document: object) -> dict[str, Any]:
        content = json.dumps(document, sort_keys=True).encode()
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        return self._blob(media_type, digest, len(content), io.BytesIO(content))

    def _layer(self, layer: Layer) -> dict[str, Any]:
        with layer.path.open("rb") as file:
            return self._blob(_LAYER, layer.digest, layer.size, file)

    def _blob(self, media_type: str, digest: str, size: int, content: IO[bytes]) -> dict[str, Any]:
        if digest not in self._written:
            self._written.add(digest)
            self._add(f"blobs/{digest.replace(':', '/')}", size, content)
        return {"mediaType": media_type, "digest": digest, "size": size}

    def _add(self, name: str, size: int, content: IO[bytes]) -> None:
        entry = tarfile.TarInfo(name)
        entry.size = size
        self._tar.addfile(entry, content)
