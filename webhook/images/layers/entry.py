"""What an archive says of one of its members, as far as it is read here."""

from typing import Protocol


class Entry(Protocol):
    """A member of a layer's archive; the room that reads layers has a class of this shape.

    `kind` is "file", "directory", "symlink", "hardlink" or "other"; `path` starts below the root,
    without a slash, and `target` is a link's as it is written. `size` is in bytes.
    """

    @property
    def path(self) -> str: ...  # noqa: D102
    @property
    def kind(self) -> str: ...  # noqa: D102
    @property
    def size(self) -> int: ...  # noqa: D102
    @property
    def mode(self) -> int: ...  # noqa: D102
    @property
    def target(self) -> str: ...  # noqa: D102
