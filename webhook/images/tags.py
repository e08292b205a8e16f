"""What the tags of known publishers say: the runtime's version, the C library, Windows.

Only for images whose publisher is known. Anyone else's tag counts the releases of an application.
"""

import re
from collections.abc import Mapping

from webhook.images import versions
from webhook.model import Libc

_WORDS = re.compile(r"[a-z]+")
_WINDOWS = frozenset({"nanoserver", "windowsservercore"})
_GLIBC_WORDS = """
    slim jessie stretch buster bullseye bookworm trixie debian focal jammy noble resolute ubuntu
    ubi al centos oraclelinux fedora mariner azurelinux chiseled cbl photon"""
_GLIBC = frozenset(_GLIBC_WORDS.split())

_JDK = re.compile(r"(?:^|-)(?:jdk|jre|openjdk-|temurin-|corretto-|semeru-|sapmachine-)(\d[\w.]*)")

# Node.js names its long-term support lines; official tags carry the name alone too.
_NODE_LINES: Mapping[str, str] = {
    "argon": "4",
    "boron": "6",
    "carbon": "8",
    "dubnium": "10",
    "erbium": "12",
    "fermium": "14",
    "gallium": "16",
    "hydrogen": "18",
    "iron": "20",
    "jod": "22",
    "krypton": "24",
}


def version(language: str, tag: str | None) -> str | None:
    """The runtime's version that a tag starts with: `17.0.9` of `17.0.9_9-jre-alpine`."""
    if not tag:
        return None
    if language == "nodejs" and (line := _NODE_LINES.get(tag.partition("-")[0])):
        return line
    return versions.normalise(language, tag)


def jdk(tag: str | None) -> str | None:
    """Java's version in the tag of a product on a JDK: `17` of `10.1-jdk17-temurin`."""
    match = _JDK.search(tag) if tag else None
    return versions.java(match[1]) if match else None


def sdk(tag: str | None) -> str | None:
    """.NET's version in the tag of an SDK, whose third number counts the SDK's own releases."""
    found = versions.dotted(tag) if tag else None
    return ".".join(found.split(".")[:2]) if found else None


def words(tag: str | None) -> frozenset[str]:
    """The words of a tag, without their numbers: {`jre`, `alpine`} of `17-jre-alpine3.20`."""
    return frozenset(_WORDS.findall(tag)) if tag else frozenset()


def libc(tag: str | None, usual: Libc | None = None) -> Libc | None:
    """The C library that the tag names; `usual` where it names none. No tag tells nothing."""
    if not tag:
        return None
    named = words(tag)
    if "alpine" in named:
        return "musl"
    return "glibc" if named & _GLIBC else usual


def windows(tag: str | None) -> bool:
    """Whether the tag is one of a Windows image."""
    return bool(words(tag) & _WINDOWS)
