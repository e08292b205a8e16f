"""Files of known form that say which runtime an application or an image has."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from webhook.images import versions

LONGEST = 64 << 10
"""Bytes of a document that is read; one that is longer is not."""


@dataclass(frozen=True, slots=True)
class Framework:
    """.NET, from `<application>.runtimeconfig.json`: the version that it wants at least."""

    name: str
    version: str
    is_included: bool = False
    """The application brings it along."""


@dataclass(frozen=True, slots=True)
class Package:
    """Node.js' package.json: `is_module` for `"type": "module"`."""

    is_module: bool


@dataclass(frozen=True, slots=True)
class Runtime:
    """A runtime that is installed."""

    language: str
    version: str


Document = Framework | Package | Runtime

_NODE_VERSION = re.compile(rb"^#define NODE_(MAJOR|MINOR|PATCH)_VERSION (\d{1,4})$", re.MULTILINE)
_PARTS = (b"MAJOR", b"MINOR", b"PATCH")
_JAVA_VERSION = re.compile(rb'^JAVA_VERSION="?([^"\r\n]{1,40})', re.MULTILINE)
_APPLICATION = ("Microsoft.NETCore.App", "Microsoft.AspNetCore.App")


def wanted(path: str, size: int) -> bool:
    """Whether a file is a document that can be read."""
    return _reader(path) is not None and 0 < size <= LONGEST


def read(path: str, content: bytes) -> Document | None:
    """What a document says; None where it is not what its name promises. Never raises."""
    reader = _reader(path)
    return reader(content) if reader else None


def _reader(path: str) -> Callable[[bytes], Document | None] | None:
    name = path.rpartition("/")[2]
    if name == "package.json":
        return None if "node_modules/" in path else _package
    if name == "release":
        return _java
    if name == "node_version.h":
        return _nodejs
    return _framework if name.endswith(".runtimeconfig.json") else None


def _object(content: bytes) -> dict[str, Any]:
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _package(content: bytes) -> Package | None:
    value = _object(content)
    return Package(value.get("type") == "module") if value else None


def _framework(content: bytes) -> Framework | None:
    options = _object(content).get("runtimeOptions")
    if not isinstance(options, dict):
        return None
    included = options.get("includedFrameworks")
    listed = included or options.get("frameworks") or [options.get("framework")]
    found = [f for one in listed if (f := _named(one))] if isinstance(listed, list) else []
    name = next((n for n in _APPLICATION for f in found if f[0] == n), None)
    version = next((v for n, v in found if n == name), None)
    return Framework(name, version, bool(included)) if name and version else None


def _named(value: Any) -> tuple[str, str] | None:
    if not isinstance(value, dict):
        return None
    name, version = value.get("name"), versions.normalise("dotnet", str(value.get("version")))
    return (name, version) if isinstance(name, str) and version else None


def _java(content: bytes) -> Runtime | None:
    match = _JAVA_VERSION.search(content)
    version = versions.java(match[1].decode(errors="replace")) if match else None
    return Runtime("java", version) if version else None


def _nodejs(content: bytes) -> Runtime | None:
    parts = {m[1]: m[2].decode() for m in _NODE_VERSION.finditer(content)}
    numbers = [parts[part] for part in _PARTS if part in parts]
    return Runtime("nodejs", ".".join(numbers)) if len(numbers) == len(_PARTS) else None
