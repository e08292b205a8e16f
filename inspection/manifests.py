"""Where the layers of images are that were learnt of lately: to ask again would cost a pull."""

from dataclasses import replace
from typing import Final

from inspection.learning import Learning
from registry.model import Descriptor, PlatformImage
from registry.recent import Recent

_KEPT: Final = 256
_LAYERS: Final = 128
"""No node can run an image of more (overlayfs); such a list is asked for again."""


class Manifests:
    """What a look into layers takes of images, and no more of them; the last 256."""

    def __init__(self) -> None:
        self._kept: Recent[str, PlatformImage] = Recent(_KEPT)

    def note(self, repository: str, learned: Learning) -> None:
        """These are the images of a repository."""
        for one in learned.images:
            if len(one.layers) <= _LAYERS:
                layers = tuple(map(_place, one.layers))
                lean = replace(one, config={}, annotations={}, layers=layers)
                self._kept.put(f"{repository}@{one.digest}", lean)

    def find(self, name: str) -> PlatformImage | None:
        """The image `repository@digest`; its registry still decides who may read the layers."""
        return self._kept.get(name)


def _place(layer: Descriptor) -> Descriptor:
    return Descriptor(layer.digest, layer.size, layer.media_type)
