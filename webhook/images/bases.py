"""Evidence in an image's layers: those that a known base image put there.

A layer's digest names its content, so a layer that is a base's own proves the base, whatever
labels, variables and history say. The table, `bases.json`, is made by `scripts/bases.py`.
"""

import json
import pkgutil
from collections.abc import Mapping, Sequence
from functools import cache

from webhook.model import Evidence, Libc, Source

_TABLE = "bases.json"
_SHOWN = 12
"""Hex digits of a digest that tell it from others for a person."""


def of_layers(digests: Sequence[str]) -> tuple[Evidence, ...]:
    """What known layers tell. `digests` are those of the manifest (`sha256:…`), base first.

    Evidence begins with the base that stands on others: an official Python tells the language, the
    Debian below it no more than the C library. Layers that nobody knows give none.
    """
    table = _table()
    told: dict[tuple[str | None, str | None, Libc | None], Evidence] = {}
    for digest in reversed(digests):
        if piece := table.get(digest):
            told.setdefault((piece.language, piece.version, piece.libc), piece)
    return tuple(told.values())


@cache
def _table() -> Mapping[str, Evidence]:
    """Digest → what it proves. Read for the first image, so that a start does not wait for it."""
    content = pkgutil.get_data(__package__, _TABLE)
    if content is None:  # a loader that has no data; ours raise FileNotFoundError
        raise FileNotFoundError(_TABLE)
    return {
        f"sha256:{digits}": Evidence(
            Source.IMAGE,
            f"built on {image} (its layer sha256:{digits[:_SHOWN]}…)",
            language,
            version,
            libc,
        )
        for image, language, version, libc, digits in json.loads(content)
    }
