"""JSON from outside, with a bound on what it takes once it is parsed."""

from typing import TypeVar

import msgspec

from registry.errors import Malformed, TooLarge

T = TypeVar("T")


def decode(body: bytes, kind: type[T], values: int, what: str) -> T:
    """The JSON document. Raises TooLarge over `values` values, Malformed where it is no `kind`.

    Every value but a document's first stands behind a comma or an opening bracket, so counting
    those bounds the memory before any of it is taken; those inside strings count too.
    """
    if body.count(b",") + body.count(b"[") + body.count(b"{") > values:
        raise TooLarge(f"{what} holds more than {values} values")
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        # The decoder's text names fields and types, never content.
        raise Malformed(f"{what} cannot be read: {error}") from error
