"""Names in an image that say which runtimes and applications it holds.

They say what is there, not what is started: versions and the C library are read from them where
the program is known, and otherwise they are hints.
"""

import re
from enum import StrEnum


class Mark(StrEnum):
    """What a name stands for."""

    MUSL = "musl"
    GLIBC = "glibc"
    JVM = "a Java virtual machine"
    PYTHON = "Python's library"
    DOTNET = ".NET's runtime"
    CORECLR = ".NET's runtime beside an application"
    DEPENDENCIES = "a .NET application's list of libraries"
    LAUNCHER = "the configuration of jpackage's launcher"
    JAR = "a Java archive"
    CLASSES = "a Java application, unpacked"
    PACKAGES = "Python packages"
    MODULES = "Node.js modules"


LANGUAGES: dict[Mark, str] = {
    Mark.JVM: "java",
    Mark.JAR: "java",
    Mark.CLASSES: "java",
    Mark.PYTHON: "python",
    Mark.PACKAGES: "python",
    Mark.MODULES: "nodejs",
    Mark.DOTNET: "dotnet",
    Mark.CORECLR: "dotnet",
    Mark.DEPENDENCIES: "dotnet",
}
"""The language that a mark is a hint for."""

APPLICATIONS = (Mark.CLASSES, Mark.JAR, Mark.DEPENDENCIES, Mark.MODULES, Mark.PACKAGES)
"""What applications bring, not the base: the better hints, the best first."""

# Each in front of it a word that is in every path that it can match: few paths have one.
_PATTERNS = tuple(
    (word, re.compile(pattern), mark)
    for word, pattern, mark in (
        ("/ld-musl-", r"((?:usr/)?lib(?:64)?/ld-musl-[\w.-]+)$", Mark.MUSL),
        ("/ld-linux", r"((?:usr/)?lib(?:64|32)?/(?:[\w-]+/)?ld-linux[\w.-]*)$", Mark.GLIBC),
        ("/libjvm.so", r"(.*/libjvm\.so)$", Mark.JVM),
        ("lib/python", r"((?:.*?/)?lib/python[23]\.\d+)(?:/|$)", Mark.PYTHON),
        (
            "/Microsoft.NETCore.App/",
            r"((?:.*/)?shared/Microsoft\.NETCore\.App/\d[^/]*)(?:/|$)",
            Mark.DOTNET,
        ),
        ("libcoreclr.so", r"((?:.*/)?libcoreclr\.so)$", Mark.CORECLR),
        (".deps.json", r"(.*\.deps\.json)$", Mark.DEPENDENCIES),
        ("lib/app/", r"((?:.*/)?lib/app/[^/]+\.cfg)$", Mark.LAUNCHER),
        ("BOOT-INF", r"((?:.*?/)?BOOT-INF)(?:/|$)", Mark.CLASSES),
        ("app/classes", r"(app/classes)(?:/|$)", Mark.CLASSES),  # where Jib puts them
        ("-packages", r"((?:.*?/)?(?:site|dist)-packages)(?:/|$)", Mark.PACKAGES),
        ("node_modules", r"((?:.*?/)?node_modules)(?:/|$)", Mark.MODULES),
        (".jar", r"(.*\.jar)$", Mark.JAR),
    )
)


def find(path: str) -> tuple[Mark, str] | None:
    """What a path is a mark of, and the part of it that is worth keeping."""
    for word, pattern, mark in _PATTERNS:
        if word in path and (match := pattern.match(path)):
            return mark, match[1]
    return None
