"""Evidence in an image's history: the lines of the Dockerfiles that it was built with.

What a line installs may be a tool (a Go program may need a Java renderer), so lines of Dockerfiles
are hints. Only builders of one language decide. Facts quote the part that matched and no more: a
build's arguments stand in the history, secrets among them.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from webhook.images import versions
from webhook.model import NATIVE, Evidence, Image, Libc, Source

# What is looked at: a registry may send a history of megabytes, and others wait for the answer.
_LONGEST_LINE = 4096
_SHORTEST_LINE = 512
_MOST_LINES = 200
_CHARACTERS = 1 << 17
_LONGEST_FACT = 80


@dataclass(frozen=True, slots=True)
class _Line:
    """A pattern of a line. `version` reads what its first group matched."""

    pattern: re.Pattern[str]
    language: str | None = None
    libc: Libc | None = None
    version: Callable[[str], str | None] | None = None
    decides: bool = False


def _line(pattern: str, language: str, version: Callable[[str], str | None] | None = None) -> _Line:
    return _Line(re.compile(pattern), language, version=version)


def _dotnet(text: str) -> str | None:
    return versions.normalise("dotnet", text)


_LINES: tuple[_Line, ...] = (
    # Quarkus names its native programs so, and its Dockerfiles copy them to "application".
    _Line(
        re.compile(r"COPY (?:--\S{1,80} ){0,3}\S{0,200}-runner /\S{0,80}application\b"),
        NATIVE,
        decides=True,
    ),
    _Line(re.compile(r"^ko (?:build|publish)\b"), "go", decides=True),
    _line(
        r"\b(?:install|add)\b[^&;|\n]{0,200}?\b(?:openjdk|java|temurin)-?(\d[\d.]*)\b",
        "java",
        versions.java,
    ),
    _line(r"\b(?:default-jre|default-jdk)\b", "java"),
    _line(r"\bCOPY [^\n]{0,300}?\.(?:jar|war)\b", "java"),
    _line(r"\borg\.springframework\.boot\.loader\.[\w.]{0,40}", "java"),
    _line(r"\b(?:aspnetcore|dotnet)-(?:runtime|sdk)-(\d+\.\d+)\b", "dotnet", _dotnet),
    _line(r'\bdotnet"?[ ,]{1,2}"?[\w./-]{1,200}\.dll\b', "dotnet"),
    _line(r"\bnpm (?:ci|install)\b", "nodejs"),
    _line(r"\b(?:yarn|pnpm) install\b", "nodejs"),
    _line(r"\bpip3? install\b", "python"),
    _line(r"\b(?:poetry install|uv sync|uv pip install|pipenv install)\b", "python"),
    _line(r"\bgo build\b", "go"),
    _line(r"\b(?:bundle|gem) install\b", "~Ruby"),
    _line(r"\bcomposer install\b", "~PHP"),
)

_MUSL = re.compile(r"\balpine-minirootfs|\bapk (?:\S+ ){0,3}(?:add|update|upgrade|del)\b|/etc/apk/")
_GLIBC = re.compile(
    r"\bdebian\.sh\b|\bapt(?:-get)? (?:-\S+ ){0,3}(?:install|update|upgrade)\b"
    r"|\b(?:micro)?dnf (?:-\S+ ){0,3}(?:install|update|upgrade|-y)\b"
    r"|\b(?:yum|tdnf) (?:-\S+ ){0,3}(?:install|update|upgrade)\b"
)
# Wolfi is installed with apk and has glibc; apko, its builder, signs the lines it writes.
_WOLFI = re.compile(r"^apko\b|\bwolfi\b|\bchainguard\b")


def bounded(history: Sequence[str]) -> list[str]:
    """The beginnings of a history's lines: all that a build has left, and of more both ends."""
    lines = list(history)
    if len(lines) > _MOST_LINES:
        lines = [*lines[: _MOST_LINES // 2], *lines[-_MOST_LINES // 2 :]]
    share = _CHARACTERS // max(1, len(lines))
    longest = max(_SHORTEST_LINE, min(_LONGEST_LINE, share))
    return [line[:longest] for line in lines]


def of_history(image: Image, lines: Sequence[str]) -> tuple[Evidence, ...]:
    """At most one piece per language, in the order of the table, then the C library.

    `lines` are `bounded`.
    """
    found: dict[str | None, Evidence] = {}
    for piece in (_jib(image, lines), *(_first(row, lines) for row in _LINES), _libc(lines)):
        if piece is not None:
            found.setdefault(piece.language, piece)
    return tuple(found.values())


def _fact(text: str) -> str:
    # The lines of CMD and ENTRYPOINT are JSON: its quotes and commas are nobody's words.
    flat = " ".join(text.replace('"', " ").replace(",", " ").split())
    shown = flat if len(flat) <= _LONGEST_FACT else flat[: _LONGEST_FACT - 3] + "..."
    return f"“{shown}” in the image's history"


def _first(row: _Line, lines: Sequence[str]) -> Evidence | None:
    for line in lines:
        if match := row.pattern.search(line):
            version = row.version(match[1]) if row.version else None
            fact = _fact(match[0])
            return Evidence(Source.IMAGE, fact, row.language, version, row.libc, row.decides)
    return None


def _jib(image: Image, lines: Sequence[str]) -> Evidence | None:
    """Jib packs programs for the JVM; its extension for native images starts something else."""
    for line in lines:
        if line.startswith(("jib-maven-plugin", "jib-gradle-plugin", "jib-core", "jib-cli")):
            entrypoint = image.entrypoint
            jvm = bool(entrypoint) and entrypoint[0].rpartition("/")[2] == "java"
            return Evidence(Source.IMAGE, _fact(line), "java", decides=jvm)
    return None


def _libc(lines: Sequence[str]) -> Evidence | None:
    """The first line that shows the distribution: a base image's lines stand first."""
    wolfi = any(_WOLFI.search(line) for line in lines)
    for line in lines:
        if match := _GLIBC.search(line):
            return Evidence(Source.IMAGE, _fact(match[0]), libc="glibc")
        if match := _MUSL.search(line):
            libc: Libc = "glibc" if wolfi else "musl"
            return Evidence(Source.IMAGE, _fact(match[0]), libc=libc)
    return None
