"""Runtimes that answer to another one's name: PyPy runs `gunicorn`, Bun's image has a `node`.

A command line tells Python or Node.js then, and means something that no agent serves. An image's
environment shows where its own base put them; of an image that is not known, its official name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from webhook.model import Evidence, Source

_PYPY = "~PyPy"
_BUN = "~Bun in place of Node.js"
_DENO = "~Deno in place of Node.js"
_STAND_IN: Mapping[str, str] = {_PYPY: "python", _BUN: "nodejs", _DENO: "nodejs"}
_NAMED: Mapping[str, str] = {"~PyPy": "python", "~Bun": "nodejs", "~Deno": "nodejs"}
# Last in the PATH of Bun's images, so that a real Node.js that was installed comes before it.
_FALLBACK = "bun-node-fallback-bin"


def of_environment(environment: Mapping[str, str]) -> list[Evidence]:
    """Evidence of what stands in for a runtime in an image."""
    found: list[tuple[str, str]] = []
    if version := environment.get("PYPY_VERSION"):
        found.append((_PYPY, f"PYPY_VERSION={version[:20]}"))
    if not environment.get("NODE_VERSION"):
        if _FALLBACK in environment.get("PATH", ""):
            found.append((_BUN, f"{_FALLBACK} on the PATH"))
        if version := environment.get("DENO_VERSION"):
            found.append((_DENO, f"DENO_VERSION={version[:20]}"))
    return [
        Evidence(Source.IMAGE, f"{fact} in the image's environment", language)
        for language, fact in found
    ]


def replaced(told: tuple[Evidence, ...], image: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """A command line's evidence, for what stands in where evidence of the image says so.

    `image` is what the image itself tells or, where that is not known, its repository's name.
    """
    standing = {of: e for e in image if (of := _stands_for(e))}
    if not standing:
        return told
    return tuple(_replaced(piece, standing.get(piece.language or "")) for piece in told)


def _stands_for(piece: Evidence) -> str | None:
    table = _NAMED if piece.source is Source.REPOSITORY else _STAND_IN
    return table.get(piece.language or "") if piece.decides else None


def _replaced(piece: Evidence, by: Evidence | None) -> Evidence:
    if by is None:
        return piece
    return replace(piece, fact=f"{piece.fact} ({by.fact})", language=by.language, version=None)
