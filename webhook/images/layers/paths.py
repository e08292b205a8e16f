"""Paths inside an image: below its root, without a leading slash."""

import posixpath
from collections.abc import Iterator

LONGEST = 512
"""Characters of a path that is worth keeping; programs and their links have shorter ones."""

# Since the usr-merge of Debian 12, Fedora 17 and Ubuntu 19.04 these are links into usr. Where they
# are not, what they hold is not in usr as well, so that one name for both is no mistake.
_MERGED = frozenset(("bin", "sbin", "lib", "lib32", "lib64", "libx32"))


def placed(path: str) -> str:
    """The one name of a path that can be reached by `bin` and by `usr/bin`."""
    first, slash, _ = path.partition("/")
    return f"usr/{path}" if slash and first in _MERGED else path


def within(folder: str, text: str) -> str:
    """The path that `text` means in a folder; `..` ends at the root, as the kernel has it."""
    return posixpath.normpath(posixpath.join("/", folder, text)).lstrip("/")


def ancestors(path: str) -> Iterator[str]:
    """The folders above a path, from the top: `usr`, `usr/bin` of `usr/bin/java`."""
    at = path.find("/")
    while at > 0:
        yield path[:at]
        at = path.find("/", at + 1)
