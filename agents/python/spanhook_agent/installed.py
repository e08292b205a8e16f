"""What the application would import first: distributions and top-level modules on its path."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

# `name-version.dist-info`, `name-version-py3.11.egg-info`, `name.egg-info` (develop installs). The
# names of the directories tell all that is needed: reading the metadata of 300 packages takes 0.2 s.
_METADATA = re.compile(r"(?P<name>[^-]+)(?:-(?P<version>[^-]+).*)?\.(?:dist-info|egg-info|egg)$")


@dataclass
class Installed:
    """`versions` by normalised distribution name, None where it is unknown; names of `modules`."""

    versions: dict[str, str | None] = field(default_factory=dict)
    modules: set[str] = field(default_factory=set)
    metadata: list[str] = field(default_factory=list)

    def requirements_on(self, name: str) -> Iterator[str]:
        """What the distributions found ask of distribution `name`: specifiers, extras left out."""
        wanted = re.compile(rf"^Requires-Dist: *{name.replace('-', '[-_.]')}\b *\(?([^;\n)]*)\)?$", re.I | re.M)
        for directory in self.metadata:
            try:
                with open(os.path.join(directory, "METADATA"), encoding="utf-8") as file:
                    head = file.read().partition("\n\n")[0]
            except (OSError, ValueError):
                continue
            yield from wanted.findall(head)


def normalised(name: str) -> str:
    """Return a distribution's name as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def scan(path: Iterable[str]) -> Installed:
    """List what stands in the directories of `path`; the first one that has a name counts."""
    found = Installed()
    for directory in path:
        _note(*os.path.split(directory), found)
        try:
            names = os.listdir(directory or ".")
        except OSError:
            continue
        for name in sorted(names):
            _note(directory, name, found)
    return found


def _note(directory: str, name: str, found: Installed) -> None:
    match = _METADATA.match(name)
    if match is not None:
        found.versions.setdefault(normalised(match["name"]), match["version"])
        found.metadata.append(os.path.join(directory, name))
    else:
        found.modules.add(name.partition(".")[0])
