"""Just enough of version comparison to hold an installed version against a requirement.

The `packaging` library does this in full, but it is one of the packages that may be too old.
"""

from __future__ import annotations

import re
from collections.abc import Callable

Release = tuple[int, ...]

_RELEASE = re.compile(r"v?(?:\d+!)?(\d+(?:\.\d+)*)")
_CLAUSE = re.compile(r"(~=|===|==|!=|<=|>=|<|>)\s*([^\s,]+)")


def release(version: str) -> Release:
    """Return the numbers of a version without trailing zeros: `2.10.0rc1` gives `(2, 10)`.

    Raises ValueError where the text does not begin like a version.
    """
    match = _RELEASE.match(version.strip().lower())
    if match is None:
        raise ValueError(f"not a version: {version!r}")
    numbers = [int(part) for part in match[1].split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def _same(found: str, wanted: str) -> bool:
    if wanted.endswith(".*"):
        prefix = tuple(int(part) for part in wanted[:-2].split("."))
        have = release(found) + (0,) * len(prefix)
        return have[: len(prefix)] == prefix
    return found == wanted or (
        release(found) == release(wanted) and _plain(found) == _plain(wanted)
    )


def _plain(version: str) -> str:
    """What follows the numbers, without a local part: `b1` of `0.66b1+deb`."""
    match = _RELEASE.match(version)
    return version[match.end() :].partition("+")[0] if match else version


def _compatible(found: str, wanted: str) -> bool:
    series = wanted.rpartition(".")[0] + ".*"
    return release(found) >= release(wanted) and _same(found, series)


_CHECKS: dict[str, Callable[[str, str], bool]] = {
    "~=": _compatible,
    "==": _same,
    "===": lambda found, wanted: found == wanted,
    "!=": lambda found, wanted: not _same(found, wanted),
    "<=": lambda found, wanted: release(found) <= release(wanted),
    ">=": lambda found, wanted: release(found) >= release(wanted),
    "<": lambda found, wanted: release(found) < release(wanted),
    ">": lambda found, wanted: release(found) > release(wanted),
}


def satisfies(found: str, specifier: str) -> bool:
    """Say whether version `found` fulfils every clause of `specifier`, such as `>=1.0,<3`.

    Pre-releases count as their release. A version that cannot be read fulfils nothing.
    """
    try:
        return all(_CHECKS[sign](found, wanted) for sign, wanted in _CLAUSE.findall(specifier))
    except ValueError:
        return False
