"""What the values are made of that every admission makes anew."""

from typing import dataclass_transform

import msgspec


@dataclass_transform(frozen_default=True)
class Value(msgspec.Struct, frozen=True):
    """An immutable value: class members with annotations, as in a frozen dataclass.

    A frozen dataclass sets each of its members by a call; making one takes nine times as long.
    What lives longer than an admission may as well be a dataclass.
    """
