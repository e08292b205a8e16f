"""What is kept of an image's environment.

Values may be secrets, and a profile can be read by whoever may read profiles:

    variable                                       kept
    ---------------------------------------------  ------------------------------------------
    whose value is read or merged, and PATH        with its value
    any, whose value loads an agent                the part of the value that does
    whose name is read: a vendor's sign, or ours   the name, and whether the value is empty
    any other                                      nothing
"""

from collections.abc import Mapping

from webhook import shared, vendors
from webhook.languages import LANGUAGES
from webhook.vendors import names

_VALUES = frozenset(
    {
        shared.ATTRIBUTES,
        "OTEL_SDK_DISABLED",
        "PATH",
        *vendors.VALUES,
        *(variable.name for language in LANGUAGES for variable in language.variables),
    }
)
_OURS = ("OTEL_", "SPANHOOK_")
LONGEST = 4096
"""Characters of a value that is kept."""


def kept(environment: Mapping[str, str | None]) -> dict[str, str | None]:
    """What decisions could ever read of an image's environment; None for a value that is not kept.

    What is kept is kept again: a second time changes nothing.
    """
    return {
        name: _value(name, value) for name, value in environment.items() if _counts(name, value)
    }


def _counts(name: str, value: str | None) -> bool:
    return (
        value is None
        or name in _VALUES
        or name.startswith(_OURS)
        or names.rule_of(name) is not None
        or vendors.loads(value)
    )


def _value(name: str, value: str | None) -> str | None:
    if not value:
        return value
    text = value if name in _VALUES else vendors.loading(value)
    return text if text and len(text) <= LONGEST else None
