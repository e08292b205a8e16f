"""The table that the Python agent's preflight reads: what the carried packages require."""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.metadata import Distribution, distributions
from pathlib import Path

_REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?\s*([^;]*)(?:;\s*(.*))?")
_EXTRA = re.compile(r"extra == ['\"]([^'\"]+)['\"]")


def table(directories: Iterable[Path]) -> dict[str, dict[str, object]]:
    """Describe the distributions in `directories`, in the shape of `preflight.Table`."""
    found = {
        _normalised(one.name): one
        for one in distributions(path=[str(directory) for directory in directories])
    }
    return {
        "carried": {name: _carried(one, found.keys()) for name, one in sorted(found.items())},
        "instrumentors": dict(sorted(_instrumentors(found.items()))),
    }


def _normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _requires(one: Distribution, extra: str | None) -> dict[str, str]:
    """Requirements of one extra, or of none; specifiers by name."""
    chosen = {}
    for text in one.requires or ():
        match = _REQUIREMENT.match(text)
        if match is None:
            raise ValueError(f"not a requirement: {text!r}")
        name, specifier, marker = match.groups()
        named = _EXTRA.search(marker or "")
        if (named[1] if named else None) == extra:
            chosen[_normalised(name)] = specifier.strip().strip("()")
    return chosen


def _carried(one: Distribution, carried: Iterable[str]) -> dict[str, object]:
    # Requirements on what is not carried are left out: they are requests and its like, which our
    # transport replaces.
    requires = {name: spec for name, spec in _requires(one, None).items() if name in set(carried)}
    return {"version": one.version, "requires": requires, "modules": _modules(one)}


def _modules(one: Distribution) -> list[str]:
    """Top-level modules that no other distribution shares."""
    tops = {file.parts[0].partition(".")[0] for file in one.files or () if file.suffix == ".py"}
    return sorted(tops - {"google", "opentelemetry"})


def _instrumentors(
    found: Iterable[tuple[str, Distribution]],
) -> Iterable[tuple[str, dict[str, object]]]:
    for name, one in found:
        for entry in one.entry_points.select(group="opentelemetry_instrumentor"):
            yield (
                entry.name,
                {
                    "entry": entry.value,
                    "distribution": name,
                    "all": _requires(one, "instruments"),
                    "any": _requires(one, "instruments-any"),
                },
            )
