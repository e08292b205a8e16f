"""Everything that an image's configuration tells about the program in it.

The entrypoint is judged with the pod's command line, elsewhere; this is what the image is built
for.
"""

from collections.abc import Sequence
from dataclasses import replace

from webhook import hints
from webhook.images import buildpacks
from webhook.images.bases import of_layers
from webhook.images.doubts import doubted
from webhook.images.history import bounded, of_history
from webhook.images.labels import of_labels
from webhook.images.variables import of_environment
from webhook.model import NATIVE, Evidence, Image, Source

_VERSION_LABEL = "org.opencontainers.image.version"


def of_configuration(
    image: Image, history: Sequence[str], layers: Sequence[str] = ()
) -> tuple[Evidence, ...]:
    """Evidence in the order of how exact it is: labels, environment, layers, history, hints.

    `history` holds the `created_by` of the image's layers, `layers` their digests; the base
    image's come first.
    """
    lines = bounded(history)
    environment = {name: value for name, value in image.environment.items() if value is not None}
    found = [
        *buildpacks.of_image(image),
        *of_labels(image.labels),
        *of_environment(environment, image.labels.get(_VERSION_LABEL, "")),
        *of_layers(layers),
        *of_history(image, lines),
    ]
    found = doubted(image, _without_virtual_machine(found), lines)
    decided = {piece.language for piece in found if piece.language}
    weak = hints.of_names(image.environment, Source.IMAGE)
    return (*found, *(hint for hint in weak if hint.language not in decided))


def _without_virtual_machine(found: list[Evidence]) -> list[Evidence]:
    """In a native image the rest is what it was compiled from: hints and no more."""
    if not any(piece.language == NATIVE and piece.decides for piece in found):
        return found
    return [replace(piece, decides=False) if piece.language == "java" else piece for piece in found]
