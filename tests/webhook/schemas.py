"""A resource's schema and the types that read it, field by field, so that they can be compared."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from ruamel.yaml import YAML

Json = Any

_FOLDER = Path(__file__).parents[2] / "manifests" / "base" / "crds"
_BOUNDS = ("type", "maxLength", "maxItems", "pattern", "enum", "minimum", "maximum", "format")


def definition(plural: str) -> Json:
    """The resource's definition as it stands in the manifests."""
    return YAML(typ="safe").load(_FOLDER / f"{plural}.yaml")


def of_resource(plural: str) -> dict[str, Json]:
    """Every field of the resource by its path, with its bounds."""
    (version,) = definition(plural)["spec"]["versions"]
    schema = version["schema"]["openAPIV3Schema"]
    return {
        path: found
        for part in ("spec", "status")
        for path, found in _fields(schema["properties"][part], f".{part}", {})
    }


def of_types(document: type[msgspec.Struct]) -> dict[str, Json]:
    """Every field of the types by its path, with its bounds."""
    every = msgspec.json.schema(document)["$defs"]
    schema = every[document.__name__]["properties"]
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
