"""Runtime versions as numbers with dots, from the spellings of each runtime's publishers.

Java 8 is `8.0.<update>` whatever it was called (`1.8.0_402`, `8u402`), so that the first number is
the feature release for every Java. A text that names less than what is needed to tell a version
(`python:3`) gives None.
"""

import re
from collections.abc import Callable, Mapping

# No runtime counts to a hundred: `2024.1` is the release of something else.
_DOTTED = re.compile(r"v?(\d{1,2}(?!\d)(?:\.\d{1,6}){0,2})")
_JAVA_PREFIX = re.compile(r"(?:open)?(?:jdk|jre)?-?")
_JAVA_OLD = re.compile(r"1\.([5-9])(?!\d)(?:\.0)?(?:[_.-]?(?:b?)(\d{1,4}))?(?!\d)")
_JAVA_UPDATE = re.compile(r"(\d{1,2})u(\d{1,4})")
_JAVA_NEW = re.compile(r"(\d{1,2})(?!\d)((?:\.\d{1,4}){0,2})")

# What the directory is called tells the version; GraalVM's own number is not Java's, so `java<n>`
# is looked for first (`graalvm22-ce-java17`).
_JAVA_HOMES = (
    re.compile(r"java-?(1\.\d\.\d|\d{1,2}(?:\.\d+)*)"),
    re.compile(r"(?:jdk|jre|zulu|sapmachine|temurin|corretto|liberica|semeru)-?(\d[\w.]*)"),
)


def dotted(text: str) -> str | None:
    """The numbers that `text` starts with, three at most: `22.23.2` of `v22.23.2-alpine`."""
    match = _DOTTED.match(text)
    return match[1] if match else None


def java(text: str) -> str | None:
    """`17.0.20` of `jdk-17.0.20+8`, `8.0.402` of `1.8.0_402` and `8u402-b06`, `27` of `27-ea`."""
    prefix = _JAVA_PREFIX.match(text)
    text = text[prefix.end() :] if prefix else text
    if match := _JAVA_OLD.match(text) or _JAVA_UPDATE.match(text):
        return f"{match[1]}.0.{match[2]}" if match[2] else match[1]
    found = _JAVA_NEW.match(text)
    return found[1] + found[2] if found else None


def java_home(path: str) -> str | None:
    """The version in a JDK's directory: `17` of `/usr/lib/jvm/java-17-amazon-corretto`."""
    for pattern in _JAVA_HOMES:
        if match := pattern.search(path):
            return java(match[1])
    return None


def _with_minor(text: str) -> str | None:
    """Of Python and Go the first number alone says nothing about what an agent supports."""
    version = dotted(text.removeprefix("go"))
    return version if version and "." in version else None


def _python(text: str) -> str | None:
    return "2" if dotted(text) == "2" else _with_minor(text)


_READERS: Mapping[str, Callable[[str], str | None]] = {
    "java": java,
    "python": _python,
    "nodejs": dotted,
    "dotnet": dotted,
    "go": _with_minor,
}


def normalise(language: str, text: str) -> str | None:
    """The version of `language`'s runtime that `text` starts with, or None."""
    reader = _READERS.get(language)
    return reader(text) if reader else None
