"""What a plain scalar means, read as kubectl reads it, and how a text is written.

kubectl reads YAML 1.1 with sigs.k8s.io/yaml (goyaml.v2, resolve.go): `yes`, `on` and `y` are true,
`0644` and `0o644` are 420, a timestamp stays a text. A manifest must mean here what it means there.
"""

import base64
import json
import math
import re
from collections.abc import Mapping
from types import MappingProxyType

from webhook.model import Json

_WORDS = MappingProxyType(
    {"": None, "~": None}
    | {spelling: None for word in ("null",) for spelling in (word, word.title(), word.upper())}
    | {
        spelling: value
        for value, words in (
            (True, ("y", "yes", "true", "on")),
            (False, ("n", "no", "false", "off")),
        )
        for word in words
        for spelling in (word, word.title(), word.upper())
    }
)
_INTEGERS: tuple[tuple[re.Pattern[str], int], ...] = (
    (re.compile(r"[-+]?0[xX]([0-9a-fA-F]+)"), 16),
    (re.compile(r"[-+]?0[bB]([01]+)"), 2),
    (re.compile(r"[-+]?0[oO]?([0-7]+)"), 8),
    (re.compile(r"[-+]?(0|[1-9][0-9]*)"), 10),
)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_INFINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_TIMESTAMP = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ].*)?")

_PREFIX = "tag:yaml.org,2002:"
_BINARY, _FLOAT_TAG = f"{_PREFIX}binary", f"{_PREFIX}float"
_TYPES: Mapping[str, type] = MappingProxyType(
    {
        f"{_PREFIX}bool": bool,
        f"{_PREFIX}int": int,
        _FLOAT_TAG: float,
        f"{_PREFIX}null": type(None),
    }
)

# Plain in every reader: begins with something harmless and holds nothing that YAML could take for a
# comment (` #`) or a key (`: `). Texts with other characters are quoted.
_PLAIN = re.compile(r"(?:[A-Za-z0-9_./$(]|--?[A-Za-z])[A-Za-z0-9_./$()@%\-+*=,;:~^<> ]*")
# Numbers of base 60 in YAML 1.1 (`12:30`) are numbers to some readers.
_BASE_60 = re.compile(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?")
_UNPRINTABLE = re.compile(
    "[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)


def resolve(text: str) -> Json:
    """The value of a plain, untagged scalar. Raises ValueError for what JSON cannot hold."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "+-.0123456789":
        return text
    if _INFINITE.fullmatch(text):
        raise ValueError(f"{text} is no number that a manifest can hold")
    if _TIMESTAMP.fullmatch(text):
        return text
    return _number(text)


def _number(text: str) -> Json:
    digits = text if text[0] == "." else text.replace("_", "")
    for pattern, radix in _INTEGERS:
        if found := pattern.fullmatch(digits):
            return -int(found[1], radix) if digits[0] == "-" else int(found[1], radix)
    if not _FLOAT.fullmatch(digits):
        return text
    number = float(digits)
    return text if math.isinf(number) else number


def tagged(tag: str, text: str) -> Json:
    """The value of a scalar with an explicit tag. Raises ValueError when the two do not fit."""
    if tag == _BINARY:
        return base64.b64decode(text, validate=False).decode()
    if tag not in _TYPES:  # as kubectl: a tag that it does not know leaves a text
        return text
    value = resolve(text)
    if tag == _FLOAT_TAG and isinstance(value, int):
        return float(value)
    if not isinstance(value, _TYPES[tag]):
        raise ValueError(  # noqa: TRY004  # what is wrong is the text
            f"{text!r} is not of the type that its tag says"
        )
    return value


def key(value: Json) -> str:
    """A mapping's key as JSON has it: kubectl turns numbers and truth values into texts."""
    if isinstance(value, str):
        return value
    return json.dumps(value)


def write(value: Json, style: str = "") -> str:
    """A scalar or empty collection on one line, in the quotes `style` where they can hold it."""
    if not isinstance(value, str):
        return json.dumps(value)
    if style == '"' or _UNPRINTABLE.search(value):
        return quoted(value)
    if style != "'" and is_plain(value):
        return value
    if style == "'" or '"' in value or "\\" in value:
        return "'" + value.replace("'", "''") + "'"
    return quoted(value)


def quoted(value: str) -> str:
    """A text in double quotes, valid in JSON and in YAML, which escapes more than JSON has to."""
    return _UNPRINTABLE.sub(_escape, json.dumps(value, ensure_ascii=False))


def _escape(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


def is_plain(value: str) -> bool:
    """Whether every YAML reader takes the text, unquoted in a block, for this very string."""
    if not _PLAIN.fullmatch(value) or value[-1] in " :":
        return False
    if ": " in value or _BASE_60.fullmatch(value) or _INFINITE.fullmatch(value):
        return False
    return resolve(value) == value and not _TIMESTAMP.fullmatch(value)
