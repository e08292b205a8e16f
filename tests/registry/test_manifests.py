"""Manifests and indexes as registries answer them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import Malformed, RegistryError, TooLarge, UnsupportedMediaType
from registry.limits import Limits
from registry.manifests import (
    DOCKER_INDEX,
    DOCKER_MANIFEST,
    OCI_INDEX,
    OCI_MANIFEST,
    Index,
    Manifest,
    parse,
)
from tests.registry import images

LIMITS = Limits()
SCHEMA_1 = "application/vnd.docker.distribution.manifest.v1+prettyjws"
IMAGE = images.image(images.layer({"a": b"b"}))
DIGEST = images.digest(b"")


def read(value: object, content_type: str = OCI_MANIFEST) -> Index | Manifest:
    """The document that a value is when it is served."""
    return parse(json.dumps(value).encode(), content_type, LIMITS, "team/app:1")


def manifest(**fields: Any) -> dict[str, Any]:
    """A manifest; keywords replace fields, None takes them away."""
    value: dict[str, Any] = json.loads(IMAGE.manifest.content) | fields
    return {name: field for name, field in value.items() if field is not None}


@pytest.mark.parametrize("docker", [False, True], ids=["oci", "docker"])
def test_manifest(docker: bool) -> None:
    """Both families of media types give the same manifest."""
    image = images.image(images.layer({"a": b"b"}), docker=docker)

    found = parse(image.manifest.content, image.manifest.media_type, LIMITS, "x")

    assert isinstance(found, Manifest)
    assert found.config.digest == image.config.digest
    assert [layer.digest for layer in found.layers] == [image.layers[0].digest]


@pytest.mark.parametrize("docker", [False, True], ids=["oci", "docker"])
def test_index(docker: bool) -> None:
    """An index gives its entries with their platforms."""
    index = images.index({"linux/arm/v7": IMAGE}, docker=docker)

    found = parse(index.index.content, index.index.media_type, LIMITS, "x")

    assert isinstance(found, Index)
    assert [str(entry.platform) for entry in found.manifests] == ["linux/arm/v7"]


@pytest.mark.parametrize(
    ("value", "content_type"),
    [
        (manifest(), f"{OCI_MANIFEST}; charset=utf-8"),
        (manifest(), "application/json"),
        (manifest(), ""),
        (manifest(mediaType=None), OCI_MANIFEST),
        (manifest(mediaType=None), "text/plain"),
        (manifest(annotations=None, extra=[1]), OCI_MANIFEST),
    ],
    ids=["parameters", "json", "no type", "served only", "by its shape", "unknown field"],
)
def test_what_it_is_is_told_in_several_ways(value: object, content_type: str) -> None:
    """The document's own media type, the served one or its shape tell what it is."""
    assert isinstance(read(value, content_type), Manifest)


@pytest.mark.parametrize(
    ("value", "content_type", "family", "words"),
    [
        (manifest(manifests=[]), OCI_MANIFEST, Malformed, "at once"),
        (manifest(), OCI_INDEX, Malformed, "is served as"),
        (manifest(mediaType=None), OCI_INDEX, Malformed, "but is an manifest"),
        (manifest(mediaType=DOCKER_MANIFEST), OCI_MANIFEST, Malformed, "is served as"),
        ({"mediaType": OCI_INDEX}, OCI_INDEX, Malformed, "neither"),
        ({"manifests": [], "mediaType": DOCKER_MANIFEST}, "", Malformed, "but is an index"),
        ({"schemaVersion": 1}, SCHEMA_1, UnsupportedMediaType, "prettyjws"),
        (manifest(mediaType="text/html"), "", UnsupportedMediaType, "text/html"),
        ([], OCI_MANIFEST, Malformed, "cannot be read"),
        (manifest(layers={}), OCI_MANIFEST, Malformed, "cannot be read"),
        (manifest(config=[]), OCI_MANIFEST, Malformed, "cannot be read"),
        (manifest(config=None), OCI_MANIFEST, Malformed, "cannot be read"),
        ({"manifests": [{"digest": 5, "size": 1}]}, DOCKER_INDEX, Malformed, "cannot be read"),
        ({"manifests": [{"digest": DIGEST, "size": -1}]}, OCI_INDEX, Malformed, "cannot be read"),
        ({"manifests": [{"digest": "sha256:../..", "size": 1}]}, OCI_INDEX, Malformed, "digest"),
        ({"manifests": [{"digest": "md5:" + "a" * 32, "size": 1}]}, OCI_INDEX, Malformed, "digest"),
    ],
    ids=[
        "both",
        "served as index",
        "shape",
        "families",
        "neither",
        "index as manifest",
        "schema 1",
        "html",
        "list",
        "layers",
        "config",
        "no config",
        "digest",
        "size",
        "path in digest",
        "md5",
    ],
)
def test_refused(value: object, content_type: str, family: type[RegistryError], words: str) -> None:
    """What two readers could see differently, or none could read, is refused by its family."""
    with pytest.raises(family, match=words):
        read(value, content_type)


def test_other_artifacts() -> None:
    """A manifest whose configuration is none of an image is sound, but not for us."""
    chart = images.document({"name": "chart"}, "application/vnd.cncf.helm.config.v1+json")

    with pytest.raises(UnsupportedMediaType, match="helm"):
        read(manifest(config=chart.descriptor()))


@pytest.mark.parametrize(
    ("body", "family"),
    [
        (b"[" * 100_000, Malformed),
        (b'{"a":' * 100_000, Malformed),
        (b'{"manifests":[' + b"[]," * 300_000 + b"[]]}", TooLarge),
        (b'{"manifests":' + b"[" * 150_000, Malformed),
        (b"", Malformed),
        (b'{"config": \xff}', Malformed),
        (b'{"mediaType": "\xff\xfe"}', Malformed),
        (b"1e999999", Malformed),
        (b"1" * 100_000, Malformed),
    ],
    ids=["lists", "objects", "values", "deep", "empty", "bytes", "text", "float", "digits"],
)
def test_hostile_documents(body: bytes, family: type[RegistryError]) -> None:
    """Deep nesting and millions of values are faults like others: no crash, no memory."""
    with pytest.raises(family):
        parse(body, OCI_INDEX, LIMITS, "x")


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["config", "layers", "manifests", "mediaType", "digest", "size", "platform", "os"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(_json, st.sampled_from([OCI_INDEX, OCI_MANIFEST, DOCKER_INDEX, DOCKER_MANIFEST, "", "x/y"]))
def test_any_document_is_survived(value: object, content_type: str) -> None:
    """JSON of any shape is a document or a fault."""
    try:
        found = read(value, content_type)
    except RegistryError:
        return
    assert isinstance(found, Index | Manifest)
