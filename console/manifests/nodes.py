"""A parsed document: nodes that know their value and the text they came from.

Offsets count characters of the document's text. `end` is where a node's own text ends: comments and
blank lines after it do not belong to it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from webhook.model import Json


@dataclass(slots=True)
class Scalar:
    """A text, number, truth value or null. `start` is behind anchor and tag; `style` its quote."""

    start: int
    end: int
    data: Json
    style: str = ""
    anchor: str | None = None


@dataclass(slots=True)
class Alias:
    """`*name`: another place of the same document, whose value stands here too."""

    start: int
    end: int
    target: Node
    data: Json


@dataclass(slots=True)
class Collection:
    """A mapping (`data` is a dict) or a sequence (`data` is a list).

    `flow` is True for brackets and braces; `column` is where a block's first key or dash stands.
    `merged` is what a mapping got through `<<`: its values stand elsewhere in the text.
    """

    start: int
    end: int
    data: Json
    children: list[Child]
    flow: bool
    column: int
    anchor: str | None = None
    merged: dict[str, Json] = field(default_factory=dict)

    @property
    def live(self) -> list[Child]:
        """The children that have not been removed, in order; without `<<` entries."""
        return [one for one in self.children if not one.removed and not one.merge]


Node = Scalar | Alias | Collection


@dataclass(slots=True)
class Fresh:
    """A value that was not in the text: it is written out as it is when editing ends."""

    data: Json


@dataclass(slots=True)
class Child:
    """An entry of a mapping (with `key`) or an item of a sequence.

    `original` is the node in the text (None for what was added), `value` what stands there now.
    `key_start` is where the key or the dash begins, `key_end` is behind the colon or the dash.
    """

    key: str | None
    value: Node | Fresh
    original: Node | None = None
    key_start: int = 0
    key_end: int = 0
    merge: bool = False
    removed: bool = False
    explicit: bool = False
    """Written as `? key`, or as a key alone: its lines cannot be told apart simply."""
