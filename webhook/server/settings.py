"""Read the settings document, and say everything that is wrong with it at once."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from textwrap import shorten
from typing import Any, get_args, get_origin

import msgspec

from webhook.languages import BY_NAME
from webhook.settings import Settings


class SettingsError(Exception):
    """The document cannot be used; the text has one line for each problem."""


def load(path: Path) -> Settings:
    """The settings in a YAML or JSON file. Raises SettingsError."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: {getattr(error, 'strerror', None) or error}") from error
    return parse(text, str(path))


def parse(text: str, origin: str) -> Settings:
    """The settings in a YAML or JSON text; `origin` names it in errors. Raises SettingsError."""
    settings, found = salvage(text, origin)
    if found:
        raise SettingsError("\n".join(found))
    return settings


def salvage(text: str, origin: str) -> tuple[Settings, tuple[str, ...]]:
    """What of a text can be used, and everything that is wrong with the rest.

    A field of the document's top that is right holds; one that is not has its default. Nothing is
    wrong where the settings are the whole document.
    """
    try:
        document = _document(text, origin)
    except SettingsError as error:
        return Settings(), tuple(str(error).splitlines())
    if document is None:
        return Settings(), ()
    if not isinstance(document, Mapping):
        return Settings(), tuple(f"{origin}: {one}" for one in problems(document, Settings, ""))
    right: dict[str, Any] = {}
    found: list[str] = []
    for name, value in document.items():
        one = {name: value}
        wrong = [*problems(one, Settings, ""), *_unknown_languages(one)]
        found += (f"{origin}: {problem}" for problem in wrong)
        if not wrong:
            right[name] = value
    return msgspec.convert(right, Settings), tuple(found)


def _unknown_languages(document: Mapping[Any, Any]) -> Iterator[str]:
    named = document.get("languages")
    for name in named if isinstance(named, Mapping) else ():
        if name not in BY_NAME:
            yield f"languages.{name}: unknown language{_nearest(str(name), BY_NAME)}"


def problems(value: Any, expected: Any, path: str) -> Iterator[str]:
    """What keeps `value` from being an `expected`, each with the path of the field.

    msgspec stops at the first and writes `[...]` for a mapping's key; people want all, by name.
    """
    if (
        isinstance(expected, type)
        and issubclass(expected, msgspec.Struct)
        and isinstance(value, Mapping)
    ):
        yield from _struct_problems(value, expected, path)
    elif get_origin(expected) is dict and isinstance(value, Mapping):
        for key, item in value.items():
            yield from problems(item, get_args(expected)[1], _join(path, key))
    elif get_origin(expected) is tuple and isinstance(value, list):
        for index, item in enumerate(value):
            yield from problems(item, get_args(expected)[0], f"{path}[{index}]")
    else:
        yield from _leaf_problems(value, expected, path)


def _struct_problems(
    value: Mapping[Any, Any], expected: type[msgspec.Struct], path: str
) -> Iterator[str]:
    known = {field.encode_name: field.type for field in msgspec.structs.fields(expected)}
    for name, item in value.items():
        if name in known:
            yield from problems(item, known[name], _join(path, name))
        else:
            yield f"{_join(path, name)}: unknown field{_nearest(str(name), known)}"


def _leaf_problems(value: Any, expected: Any, path: str) -> Iterator[str]:
    try:
        msgspec.convert(value, expected)
    except msgspec.ValidationError as error:
        said = str(error)
        wanted = said[:1].lower() + said[1:].partition(" - at `$")[0]
        yield f"{path or 'the document'}: {wanted.partition(', got ')[0]}; there is {_shown(value)}"


def _nearest(name: str, known: Mapping[str, Any]) -> str:
    near = get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]}?" if near else f"; known are {', '.join(known)}"


def _shown(value: Any) -> str:
    try:
        text = msgspec.json.encode(value).decode()
    except TypeError:
        text = str(value)
    return shorten(text, 60, placeholder="…")


def _join(path: str, name: Any) -> str:
    return f"{path}.{name}" if path else str(name)


def _document(text: str, origin: str) -> Any:
    if text.lstrip().startswith("{"):
        try:
            return msgspec.json.decode(text)
        except msgspec.DecodeError:
            pass  # a YAML flow mapping may start so, too; its reader also tells the line
    # Imported late: 4 MB of memory that a server without a settings file has no use for.
    from ruamel.yaml import YAML  # noqa: PLC0415
    from ruamel.yaml.error import MarkedYAMLError, YAMLError  # noqa: PLC0415

    try:
        return YAML(typ="safe", pure=True).load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else "?"
        raise SettingsError(f"{origin}: line {line}: {error.problem or error.context}") from error
    except (YAMLError, ValueError) as error:
        raise SettingsError(f"{origin}: {error}") from error
