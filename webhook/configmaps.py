"""What is kept of a ConfigMap, out of all that a cluster has.

`envFrom` makes variables of a ConfigMap's keys, with a prefix that only the container knows. So a
key counts as a variable that is read wherever that variable's name ends with it:

    key                                            kept
    ---------------------------------------------  ------------------------------------------
    the end of a variable whose value is read      with its value
    any, whose value loads an agent                with its value
    any other that can be part of a name           the key, and whether the value is empty
    with "." or "-", as names of files have them   nothing
"""

from collections.abc import Mapping

from webhook import shared, vendors
from webhook.languages import LANGUAGES
from webhook.model import EMPTY

VALUES = frozenset(
    {
        shared.ATTRIBUTES,
        "OTEL_SDK_DISABLED",
        *vendors.VALUES,
        *(variable.name for language in LANGUAGES for variable in language.variables),
    }
)
"""The variables whose values decisions and merges read."""

_ENDS = frozenset(name[start:] for name in VALUES for start in range(len(name)))
_LONGEST = 128 << 10
"""Bytes of a variable with its name: Linux starts nothing with a longer one (MAX_ARG_STRLEN)."""


def kept(data: Mapping[str, str] | None) -> Mapping[str, str | None]:
    """What decisions could ever read of a ConfigMap's data; None for a value that they do not."""
    if not data:
        return EMPTY
    return {key: _value(key, value) for key, value in data.items() if _counts(key, value)} or EMPTY


def _counts(key: str, value: str) -> bool:
    return not ("." in key or "-" in key) or _loads(value)


def _value(key: str, value: str) -> str | None:
    if not value or ((key in _ENDS or _loads(value)) and len(value) < _LONGEST):
        return value
    return None


def _loads(value: str) -> bool:
    return len(value) < _LONGEST and vendors.loads(value)
