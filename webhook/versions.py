"""Runtime versions as tuples of numbers: "17.0.20+8" is (17, 0, 20), "3.12" is (3, 12)."""

import re

_NUMBERS = re.compile(r"\d{1,9}(?:\.\d{1,9})*")


def parse(text: str | None) -> tuple[int, ...] | None:
    """The leading numbers of a version, or None when there are none.

    Only the first nine digits of a number count.
    """
    match = _NUMBERS.search(text) if text else None
    if match is None:
        return None
    return tuple(int(part) for part in match[0].split("."))


def is_older(version: tuple[int, ...], oldest: tuple[int, ...]) -> bool:
    """Whether `version` is surely older than `oldest`: "18" may be 18.19, so it is not."""
    shared = min(len(version), len(oldest))
    return version[:shared] < oldest[:shared]
