"""A Status as plain JSON: what `spanhook status -o json` prints. docs/status.md describes it."""

from typing import Any

import msgspec

from console.status.model import Status


def record(status: Status) -> dict[str, Any]:
    """The fields of the dataclasses, in their order, by camelCase names; times as RFC 3339."""
    plain: dict[str, Any] = _camel(msgspec.to_builtins(status, str_keys=True))
    return plain


def _camel(value: Any) -> Any:
    if isinstance(value, dict):
        return {_name(key): _camel(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_camel(item) for item in value]
    return value


def _name(key: str) -> str:
    first, *others = key.split("_")
    return first + "".join(map(str.capitalize, others))
