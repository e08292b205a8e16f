"""``$(NAME)`` in a container's env, command and args, exactly as the kubelet expands it.

The rules are those of k8s.io/kubernetes/third_party/forked/golang/expansion: one pass from left to
right, the result is not looked at again, ``$$`` is a dollar sign, and whatever does not resolve
stays as the text it was.
"""

import re
from collections.abc import Mapping

# A dollar sign with what follows it. An unclosed "$(" matches only as "$" and its "(": both stay.
_OPERATOR = re.compile(r"\$(?:\$|\((?P<name>[^)]*)\))", re.DOTALL)


def expand(text: str, values: Mapping[str, str]) -> str:
    """The text with every ``$(NAME)`` of `values` replaced and every ``$$`` halved."""

    def replace(match: re.Match[str]) -> str:
        name = match["name"]
        if name is None:
            return "$"
        return values.get(name, match[0])

    return _OPERATOR.sub(replace, text)
