"""What admission would put into a container's variables, as plain attributes.

The webhook leaves what only the kubelet knows as references to variables of its own; here the pod
is there with all of it.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote

from webhook.identity import FIELDS, Identity
from webhook.model import Object

_REFERENCE = re.compile(r"\$\((\w+)\)")


def attributes(identity: Identity, pod: Object) -> dict[str, str]:
    """The resource attributes of an identity, its references resolved by the pod."""
    return {name: _plain(text, pod) for name, text in identity.attributes.items()}


def _plain(text: str, pod: Object) -> str:
    # Values are percent-encoded, `$` too: what looks like a reference is one.
    return unquote(_REFERENCE.sub(lambda found: quote(_field(pod, found[1])), text))


def _field(pod: Mapping[str, Any], variable: str) -> str:
    value: Any = pod
    for key in FIELDS.get(variable, "").split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value if isinstance(value, str) else ""
