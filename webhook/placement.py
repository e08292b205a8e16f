"""Where a pod may run, and with whose credentials: what its spec says to those who ask registries.

Nothing here raises: a spec may come from a manifest that no API server has seen.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from webhook.model import Object

ARCHITECTURE: Final = "kubernetes.io/arch"
_WORD: Final = re.compile(r"[a-z0-9]{1,20}")


def platforms(pod: Object) -> tuple[str, ...]:
    """The platform of the nodes that the pod selects (`linux/arm64`); none where any will do."""
    selector = _spec(pod).get("nodeSelector")
    word = selector.get(ARCHITECTURE) if isinstance(selector, dict) else None
    is_word = isinstance(word, str) and _WORD.fullmatch(word)
    return (f"linux/{word}",) if is_word else ()


def pull_secrets(pod: Object) -> tuple[str, ...]:
    """The names of its `imagePullSecrets`, in their order."""
    found = _spec(pod).get("imagePullSecrets")
    return tuple(_names(found if isinstance(found, list) else ()))


def _spec(pod: Object) -> dict[str, Any]:
    spec = pod.get("spec")
    return spec if isinstance(spec, dict) else {}


def _names(found: Any) -> Iterator[str]:
    for one in found:
        name = one.get("name") if isinstance(one, dict) else None
        if isinstance(name, str) and name:
            yield name
