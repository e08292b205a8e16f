"""Says on stderr how many images have been read; a short wait says nothing."""

from dataclasses import dataclass

from console.images.seen import Seen
from console.images.sizes import size
from console.progress import Line


@dataclass(slots=True)
class Progress(Line):
    """Counts images. Nothing depends on it."""

    total: int = 0
    images: int = 0
    bytes: int = 0

    def read(self, seen: Seen) -> None:
        """Note an image that has been read, or that could not be."""
        self.images += 1
        self.bytes += seen.spent.bytes
        self.say(self._text)

    def _text(self) -> str:
        return f"asked for {self.images:,} of {self.total:,} images, {size(self.bytes)}"
