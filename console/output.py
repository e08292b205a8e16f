"""Manifests on stdout, and lines for people on stderr."""

import os
import sys
from collections.abc import Iterable, Mapping
from typing import TextIO

from console.manifests.bundle import Bundle
from console.manifests.documents import Document, Patch, change

_COLOURS = {"green": 32, "yellow": 33, "red": 31, "bold": 1, "dim": 2}


def manifests(read: Bundle, patches: Mapping[int, list[Patch]]) -> str:
    """The whole input as text, with `patches` (by their document's id) made in it.

    Files follow each other as documents of one stream. Raises ManifestError.
    """
    texts = [
        "".join(_document(document, patches.get(id(document), [])) for document in documents)
        for documents in read.files
    ]
    return _joined(texts, _is_json(read.documents))


def write(text: str) -> None:
    """Write a text to stdout as it is: in UTF-8, without translating line ends."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode())
    sys.stdout.buffer.flush()


def _document(document: Document, patches: list[Patch]) -> str:
    wanted = [patch for patch in patches if patch.operations]
    return change(document, wanted) if wanted else document.text


def _is_json(documents: Iterable[Document]) -> bool:
    return all(document.json for document in documents)


def _joined(texts: list[str], json: bool) -> str:
    first, *others = texts
    result = first
    for text in others:
        bare = text.removeprefix("\ufeff")
        result += "" if result.endswith(("\n", "\r")) or not result else "\n"
        marker = not json and result and not bare.startswith(("---", "%"))
        result += f"---\n{bare}" if marker else bare
    return result


def styled(text: str, style: str, stream: TextIO) -> str:
    """The text in a colour or weight, where the stream is a terminal that shows it."""
    return f"\x1b[{_COLOURS[style]}m{text}\x1b[0m" if has_colour(stream) else text


def plain(text: str) -> str:
    """Text from outside with nothing in it that a terminal would obey."""
    return "".join(char if char.isprintable() else "�" for char in text)


def has_colour(stream: TextIO) -> bool:
    """Whether a stream shows colours: a terminal unless NO_COLOR (no-color.org) or TERM says no."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return stream.isatty()
