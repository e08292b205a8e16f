"""The resource's schema and the types that read it say the same."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from ruamel.yaml import YAML

from tests.webhook.images.profile.examples import DIGEST
from webhook.images.profile import bounds
from webhook.images.profile.document import Document

FILE = Path(__file__).parents[4] / "manifests" / "base" / "crds" / "imageprofiles.yaml"
Json = Any

_BOUNDS = ("type", "maxLength", "maxItems", "pattern", "enum", "minimum", "maximum", "format")


def _definition() -> Json:
    return YAML(typ="safe").load(FILE)


def _of_resource() -> dict[str, Json]:
    (version,) = _definition()["spec"]["versions"]
    schema = version["schema"]["openAPIV3Schema"]
    return {
        path: found
        for part in ("spec", "status")
        for path, found in _fields(schema["properties"][part], f".{part}", {})
    }


def _of_types() -> dict[str, Json]:
    every = msgspec.json.schema(Document)["$defs"]
    schema = every["Document"]["properties"]
    return {
        path: found
        for part in ("spec", "status")
        for path, found in _fields(schema[part], f".{part}", every)
    }


def _fields(schema: Json, path: str, every: Json) -> Iterator[tuple[str, Json]]:
    """Every field by its path, with what it may hold and what it must have."""
    schema = _resolved(schema, every)
    found = {key: schema[key] for key in _BOUNDS if key in schema}
    if found.get("format") == "int64":  # Kubernetes' word for integers that are not of 32 bits
        del found["format"]
    found["required"] = set(schema.get("required", ()))
    found["enum"] = set(schema.get("enum", ()))
    yield path, found
    for name, inner in schema.get("properties", {}).items():
        yield from _fields(inner, f"{path}.{name}", every)
    if "items" in schema:
        yield from _fields(schema["items"], f"{path}[]", every)


def _resolved(schema: Json, every: Json) -> Json:
    """Without references, and without null: the API server keeps none of these."""
    for one in schema.get("anyOf", ()):
        if one.get("type") != "null":
            return _resolved(one, every)
    if "$ref" in schema:
        return every[schema["$ref"].rpartition("/")[2]]
    if None in schema.get("enum", ()):
        return {**schema, "type": "string", "enum": [one for one in schema["enum"] if one]}
    return {"type": "string", **schema} if "enum" in schema else schema


def test_same_bounds() -> None:
    """Every field is in both, of the same type, with the same bounds."""
    assert _of_types() == _of_resource()


@pytest.mark.parametrize(
    ("path", "most"),
    [
        (".spec.references", bounds.REFERENCES),
        (".status.platforms", bounds.PLATFORMS),
        (".status.lacking", bounds.PLATFORMS),
        (".status.commands", bounds.COMMANDS),
    ],
)
def test_room(path: str, most: int) -> None:
    """As much is written as there is room for: what is known is not learnt again for less."""
    assert _of_resource()[path]["maxItems"] == most


@pytest.mark.parametrize("path", [path for path in _of_resource() if path.endswith("[]")])
def test_lists(path: str) -> None:
    """Every list is bounded: an object that somebody else writes has an end, too."""
    assert _of_resource()[path.removesuffix("[]")]["maxItems"] <= 256


@pytest.mark.parametrize(
    "path",
    [
        path
        for path, field in _of_resource().items()
        if field["type"] == "string" and not (field["enum"] or field.get("format"))
    ],
)
def test_texts(path: str) -> None:
    """Every text is bounded."""
    assert _of_resource()[path]["maxLength"] <= 8192


def test_names() -> None:
    """The resource is the one that the code reads and writes."""
    spec = _definition()["spec"]
    document = msgspec.to_builtins(msgspec.convert(_least(), Document))

    assert (spec["group"], spec["scope"]) == ("spanhook.dev", "Cluster")
    assert document["kind"] == spec["names"]["kind"]
    assert document["apiVersion"] == f"{spec['group']}/{spec['versions'][0]['name']}"


def _least() -> Json:
    return {
        "apiVersion": "spanhook.dev/v1alpha1",
        "kind": "ImageProfile",
        "metadata": {"name": "x"},
        "spec": {"digest": DIGEST},
        "status": {"revision": 1, "learnt": {"at": "2026-11-20T08:30:00Z", "by": "0.1.0"}},
    }
