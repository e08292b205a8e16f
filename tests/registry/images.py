"""Images made on the spot: layers, configurations, manifests, indexes, as registries keep them."""

import gzip
import hashlib
import io
import json
import sys
import tarfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from registry.manifests import DOCKER_INDEX, DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json"
GZIP = "application/vnd.oci.image.layer.v1.tar+gzip"
ZSTD = "application/vnd.oci.image.layer.v1.tar+zstd"
TAR = "application/vnd.oci.image.layer.v1.tar"

Compress = Callable[[bytes], bytes]


def digest(content: bytes) -> str:
    """The SHA-256 digest of content."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


@dataclass(frozen=True, slots=True)
class Blob:
    """Content with its media type."""

    content: bytes
    media_type: str

    @property
    def digest(self) -> str:
        """Its SHA-256 digest."""
        return digest(self.content)

    def descriptor(self, **fields: Any) -> dict[str, Any]:
        """How a manifest points to it; keywords are further fields."""
        size = len(self.content)
        return {"mediaType": self.media_type, "digest": self.digest, "size": size} | fields


@dataclass(frozen=True, slots=True)
class Image:
    """A manifest and what it points to."""

    manifest: Blob
    config: Blob
    layers: tuple[Blob, ...] = ()


@dataclass(frozen=True, slots=True)
class Index:
    """Images of several platforms, and indexes in the index."""

    index: Blob
    images: tuple[Image, ...] = ()
    indexes: tuple["Index", ...] = ()


def archive(files: Mapping[str, bytes], compress: Compress = gzip.compress) -> bytes:
    """A tar archive of files, compressed."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return compress(buffer.getvalue())


def zstd_frame(content: bytes) -> bytes:
    """Content as one frame of zstd."""
    return zstd.compress(content)


def zstd_skippable(content: bytes) -> bytes:
    """A frame that unpackers pass over."""
    return b"\x50\x2a\x4d\x18" + len(content).to_bytes(4, "little") + content


def layer(files: Mapping[str, bytes]) -> Blob:
    """A gzip layer."""
    return Blob(archive(files), GZIP)


def zstd_layer(files: Mapping[str, bytes]) -> Blob:
    """A zstd layer."""
    return Blob(archive(files, zstd_frame), ZSTD)


def plain_layer(files: Mapping[str, bytes]) -> Blob:
    """A layer without compression."""
    return Blob(archive(files, bytes), TAR)


def document(value: object, media_type: str) -> Blob:
    """A JSON document."""
    return Blob(json.dumps(value).encode(), media_type)


def config(architecture: str = "amd64", **fields: Any) -> dict[str, Any]:
    """A configuration; keywords are fields of its `config`."""
    inner = {"Env": ["PATH=/usr/bin", "PYTHON_VERSION=3.13.1"], "Cmd": ["python3"]} | fields
    return {"architecture": architecture, "os": "linux", "config": inner, "history": []}


def image(
    *layers: Blob, configuration: Mapping[str, Any] | None = None, docker: bool = False
) -> Image:
    """An image of layers, base first."""
    kind = DOCKER_MANIFEST if docker else OCI_MANIFEST
    settings = document(configuration or config(), DOCKER_CONFIG if docker else OCI_CONFIG)
    manifest = {
        "schemaVersion": 2,
        "mediaType": kind,
        "config": settings.descriptor(),
        "layers": [one.descriptor() for one in layers],
    }
    return Image(document(manifest, kind), settings, layers)


def annotated(one: Image, annotations: Mapping[str, str]) -> Image:
    """An image whose manifest has annotations."""
    manifest = json.loads(one.manifest.content) | {"annotations": dict(annotations)}
    return Image(document(manifest, one.manifest.media_type), one.config, one.layers)


def image_of(configuration: bytes) -> Image:
    """An image with a configuration as it is, JSON or not."""
    settings = Blob(configuration, OCI_CONFIG)
    manifest = {"schemaVersion": 2, "config": settings.descriptor(), "layers": []}
    return Image(document(manifest, OCI_MANIFEST), settings)


def config_descriptor(**fields: Any) -> dict[str, Any]:
    """A descriptor of some configuration; keywords replace its fields."""
    return document(config(), OCI_CONFIG).descriptor(**fields)


def index(
    images: Mapping[str, Image],
    extra: Sequence[Mapping[str, Any]] = (),
    *,
    docker: bool = False,
    attested: bool = False,
) -> Index:
    """An index of images by platform (`linux/arm/v7`); `attested` as BuildKit does it."""
    kind = DOCKER_INDEX if docker else OCI_INDEX
    entries = [one.manifest.descriptor(platform=platform(text)) for text, one in images.items()]
    attached = tuple(map(attestation, images.values())) if attested else ()
    pairs = zip(attached, images.values(), strict=False)
    entries += [_attached(one, subject) for one, subject in pairs]
    value = {"schemaVersion": 2, "mediaType": kind, "manifests": [*entries, *extra]}
    return Index(document(value, kind), (*images.values(), *attached))


def wrapped(inner: Index) -> Index:
    """An index whose only entry is an index."""
    entry = inner.index.descriptor()
    return Index(
        document({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [entry]}, OCI_INDEX),
        indexes=(inner,),
    )


def platform(text: str) -> dict[str, str]:
    """A platform as indexes write it."""
    return dict(zip(("os", "architecture", "variant"), text.split("/"), strict=False))


def attestation(subject: Image) -> Image:
    """What BuildKit adds to an index beside an image: a manifest with statements about it."""
    statement = Blob(subject.manifest.digest.encode(), "application/vnd.in-toto+json")
    return image(statement, configuration={"architecture": "unknown", "os": "unknown"})


def _attached(one: Image, subject: Image) -> dict[str, Any]:
    return one.manifest.descriptor(
        platform={"os": "unknown", "architecture": "unknown"},
        annotations={
            "vnd.docker.reference.digest": subject.manifest.digest,
            "vnd.docker.reference.type": "attestation-manifest",
        },
    )
