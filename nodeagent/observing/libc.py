"""The C library that a process has loaded."""

import re

from nodeagent.observing.look import Look

_MUSL = re.compile(r"/(?:ld-musl-|libc\.musl-)[^/]*\Z")
_GLIBC = re.compile(r"/(?:libc\.so\.6|libc-2\.\d+\.so|ld-linux[^/]*|ld-2\.\d+\.so)\Z")


def libc(seen: Look) -> str:
    """One of "musl", "glibc" and "static"; "" where nothing tells it."""
    if seen.binary.libc:
        return seen.binary.libc
    # Alpine's gcompat maps a file of glibc's name beside musl.
    for name, pattern in (("musl", _MUSL), ("glibc", _GLIBC)):
        if any(pattern.search(path) for path in seen.mapped):
            return name
    return "static" if seen.binary.is_static and seen.binary.machine else ""
