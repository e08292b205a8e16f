"""Manifests and indexes: the bytes that a registry answers, as values.

A document that is both an index and a manifest is refused, and so is one whose own media type is
not the one it is served as: two readers could see two images in it (CVE-2021-41190).
"""

from typing import Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType

from registry.digests import checked
from registry.documents import decode
from registry.errors import Malformed, UnsupportedMediaType, shown
from registry.limits import Limits
from registry.model import Descriptor

OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
DOCKER_INDEX = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"

Kind = Literal["index", "manifest"]
KINDS: dict[str, Kind] = {
    OCI_INDEX: "index",
    OCI_MANIFEST: "manifest",
    DOCKER_INDEX: "index",
    DOCKER_MANIFEST: "manifest",
}
ACCEPT = ", ".join(KINDS)

CONFIGS = frozenset(
    {
        "application/vnd.oci.image.config.v1+json",
        "application/vnd.docker.container.image.v1+json",
    }
)

# What servers say that do not know the type: files behind a plain web server, for one.
_GENERIC = frozenset({"", "application/json", "application/octet-stream", "text/plain"})


class Index(Struct, frozen=True, rename="camel"):
    """One reference, many images."""

    manifests: list[Descriptor]
    annotations: dict[str, str] | None = None


class Manifest(Struct, frozen=True, rename="camel"):
    """One image: where its configuration is, and its layers, base first."""

    config: Descriptor
    layers: list[Descriptor]
    annotations: dict[str, str] | None = None


class _Marks(Struct, rename="camel"):
    """What tells the documents apart; what stands in the fields is left unread."""

    media_type: str = ""
    manifests: msgspec.Raw | UnsetType = UNSET
    config: msgspec.Raw | UnsetType = UNSET
    layers: msgspec.Raw | UnsetType = UNSET


def media_type(content_type: str) -> str:
    """The type in a Content-Type header, without parameters."""
    return content_type.partition(";")[0].strip().lower()


def parse(body: bytes, content_type: str, limits: Limits, what: str) -> Index | Manifest:
    """The document in a registry's answer.

    Raises Malformed, TooLarge for too many values, UnsupportedMediaType for another document.
    """
    marks = decode(body, _Marks, limits.json_values, what)
    if _kind(marks, media_type(content_type), what) == "index":
        index = decode(body, Index, limits.json_values, what)
        _check(*index.manifests)
        return index
    manifest = decode(body, Manifest, limits.json_values, what)
    _check(manifest.config, *manifest.layers)
    if manifest.config.media_type not in CONFIGS:
        kind = shown(manifest.config.media_type)
        raise UnsupportedMediaType(f"{what} is no container image but {kind!r}")
    return manifest


def _kind(marks: _Marks, served: str, what: str) -> Kind:
    is_index = marks.manifests is not UNSET
    is_manifest = marks.config is not UNSET or marks.layers is not UNSET
    if is_index and is_manifest:
        raise Malformed(f"{what} is an index and a manifest at once")
    told = marks.media_type or ("" if served in _GENERIC else served)
    if told and told not in KINDS:
        raise UnsupportedMediaType(f"{what} has the media type {shown(told)!r}")
    if marks.media_type and served not in _GENERIC and marks.media_type != served:
        raise Malformed(f"{what} is served as {shown(served)!r} but says {told!r}")
    if not is_index and not is_manifest:
        raise Malformed(f"{what} is neither an index nor a manifest")
    kind: Kind = "index" if is_index else "manifest"
    if told and KINDS[told] != kind:
        raise Malformed(f"{what} says {told!r} but is an {kind}")
    return kind


def _check(*descriptors: Descriptor) -> None:
    for descriptor in descriptors:
        checked(descriptor.digest)
