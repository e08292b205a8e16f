"""What is kept of an image's environment.

Values may be secrets, and a profile can be read by whoever may read profiles:

    variable                                       kept
    ---------------------------------------------  ------------------------------------------
    whose value is read or merged, and PATH        with its value
    any, whose value loads an agent                the part of the value that does
    whose name is read, a vendor's sign or ours    the name, and whether the value is empty
    any other                                      nothing
"""

from collections.abc import Mapping
from types import MappingProxyType

from webhook import shared, vendors
from webhook.languages import LANGUAGES
from webhook.vendors import names

MERGED = frozenset(
    {
        shared.ATTRIBUTES,
        *(variable.name for language in LANGUAGES for variable in language.variables),
    }
)
"""The variables that what we add is merged with."""

_VALUES = MERGED | vendors.VALUES | {"OTEL_SDK_DISABLED", "PATH"}
_OURS = ("OTEL_", "SPANHOOK_")
LONGEST = 4096
"""Characters of a value that is kept."""


def kept(environment: Mapping[str, str | None]) -> Mapping[str, str | None]:
    """What decisions could ever read of an image's environment; None for a value that is not."""
    found = {}
    for name, value in environment.items():
        if name in _VALUES:
            found[name] = value if value is None or len(value) <= LONGEST else None
        elif seen := vendors.loading(value or ""):
            found[name] = seen if len(seen) <= LONGEST else None
        elif name.startswith(_OURS) or names.rule_of(name):
            found[name] = None if value else value
    return MappingProxyType(found)
