"""What layers would be asked about an image's containers, had they told nothing yet: judged once.

A popular image has thousands of uses, and each new pod of it has the image planned again.
"""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Final

from inspection.starts import start
from webhook.model import EMPTY, Image
from webhook.server.cluster.profiler.wanted import Use

Keys = dict[bytes, str | None]
"""Container → under which key layers would be asked about it; None where they need not be."""

_ROOM: Final = 64


@dataclass(slots=True)
class Judged:
    """By canonical reference, and by what the image says but for its layers."""

    _images: dict[str, tuple[Image, Keys]] = field(default_factory=dict)

    def of(self, reference: str, image: Image) -> Keys:
        """What was judged until now; to be filled by `key`."""
        image = replace(image, layers=EMPTY)
        known = self._images.get(reference)
        if known is None or known[0] != image:
            known = self._images[reference] = (image, {})
        return known[1]

    def tidy(self, reference: str, uses: Collection[Use]) -> None:
        """Let go of containers that are gone, once they are more than there are others."""
        known = self._images.get(reference)
        if known is not None and len(known[1]) > 2 * len(uses) + _ROOM:
            there = {use.container for use in uses}
            self._images[reference] = (known[0], {c: k for c, k in known[1].items() if c in there})

    def forget(self, reference: str) -> None:
        """Nobody uses the image any more."""
        self._images.pop(reference, None)


def key(use: Use, image: Image, keys: Keys) -> str | None:
    """Under which key layers would be asked about a use, as `keys` have it or will have it."""
    if use.container not in keys:
        one = start(use.document, replace(image, layers=EMPTY))
        keys[use.container] = None if one is None else one.key
    return keys[use.container]
