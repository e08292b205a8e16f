"""What a Go program says of how it was built: debug/buildinfo's format, and the build's ID."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from nodeagent.binary.elf import Elf
from nodeagent.binary.errors import NotGo, Reason
from nodeagent.binary.source import Source
from webhook.images.layers import golang

_ALIGNMENT = 16
_LONGEST = 512 << 10
_MOST_PLACES = 16
_GO_ID, _GNU_ID = (b"Go\0\0", 4), (b"GNU\0", 3)
_DEPENDENCY = re.compile(
    r"^dep\t(?P<path>\S+)\t(?P<version>\S*)[^\n]*(?:\n=>\t\S+\t(?P<other>\S*))?", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Build:
    """The toolchain's name for itself, its version as numbers, and what it put together.

    `version` is empty where the toolchain has no number; `dependencies` are versions of modules by
    path, those of their replacements where they were replaced.
    """

    toolchain: str
    version: str
    path: str
    module: str
    dependencies: Mapping[str, str]


def build(source: Source, elf: Elf) -> Build:
    """The build information of a program. Raises NotGo where there is none."""
    for offset in islice(_places(source, elf), _MOST_PLACES):
        found = golang.texts(source.upto(offset, _LONGEST))
        if found:
            toolchain, text = found
            known = golang.read(toolchain, text)
            return Build(
                toolchain,
                known.version or "",
                known.path or "",
                known.module or "",
                dependencies(text),
            )
    raise NotGo(Reason.NOT_GO, "not a Go program, or built before Go 1.19: no build information")


def dependencies(text: str) -> Mapping[str, str]:
    """The versions of modules that module information tells of."""
    return {
        match["path"]: match["other"] if match["other"] is not None else match["version"]
        for match in _DEPENDENCY.finditer(text)
    }


def build_id(elf: Elf) -> str | None:
    """Go's ID of a build, else the foreign linker's; None where it was built without."""
    notes = {(owner, kind): content for owner, kind, content in elf.notes}
    if notes.get(_GO_ID):
        return notes[_GO_ID].decode(errors="replace")
    return notes[_GNU_ID].hex() if notes.get(_GNU_ID) else None


def _places(source: Source, elf: Elf) -> Iterator[int]:
    section = elf.sections.get(".go.buildinfo")
    if section and source.upto(section.offset, len(golang.MAGIC)) == golang.MAGIC:
        yield section.offset
    for segment in elf.loaded:
        if segment.writable:
            end = segment.offset + segment.size
            for offset in source.find(golang.MAGIC, segment.offset, end):
                if (offset - segment.offset + segment.address) % _ALIGNMENT == 0:
                    yield offset
