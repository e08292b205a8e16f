#!/usr/bin/env python3
"""Make webhook/images/bases.json anew: which layers are which base image's own.

Asks the registries of the references (scripts/bases.txt, or those given) what their tags hold
now, for linux/amd64 and linux/arm64, and adds it to what the table has: layers of last year's
python:3.12 still run. Only manifests and configurations are downloaded. Run it with each release:

    .venv/bin/python scripts/bases.py --credentials ~/.docker/config.json
    .venv/bin/python scripts/bases.py --check   # writes nothing; 1 when something is missing

Docker Hub lets anonymous clients pull a hundred manifests in six hours, which is less than the list
needs; credentials lift that. What could not be read is named, and the table keeps what it had.

The first rows were taken from the lists of layers that docker-library/repo-info publishes.
"""

import argparse
import asyncio
import json
import re
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from registry.client import Client, connect
from registry.errors import RegistryError
from registry.keyring import Keyring
from registry.keyring import parse as read_keyring
from registry.model import Description, Descriptor, Platform, PlatformImage
from registry.settings import Settings
from webhook.images.configuration import read
from webhook.images.reference import parse
from webhook.images.repositories import of_reference
from webhook.images.versions import normalise
from webhook.model import Libc

_ROOT = Path(__file__).parent.parent
TABLE = _ROOT / "webhook" / "images" / "bases.json"
REFERENCES = _ROOT / "scripts" / "bases.txt"
PLATFORMS = (Platform("linux", "amd64"), Platform("linux", "arm64"))
PATIENCE = 60.0
"""Seconds for one reference."""
LARGEST_TABLE = 100_000
"""Bytes: the table is read where an image is looked at for the first time."""

# Where a Dockerfile says which version it installs now: what was before it is what it is built on.
_INSTALLS = re.compile(
    r"\b(?:ENV|ARG) (?:(?:JAVA|PYTHON|NODE|GOLANG|DOTNET|ASPNET)_VERSION|version)[= ](\S+)"
)
_SMALLEST = 1 << 20
"""Bytes of a layer that may hold a runtime. Layers of links and empty ones are alike everywhere."""


class Row(NamedTuple):
    """One layer: the base that it is of, what that tells, and the layer's SHA-256 in hex."""

    image: str
    language: str | None
    version: str | None
    libc: Libc | None
    digits: str

    @property
    def facts(self) -> tuple[str | None, str | None, Libc | None]:
        """What the layer proves."""
        return self.language, self.version, self.libc


def rows(described: Mapping[str, Description]) -> list[Row]:
    """The rows of base images by their references, where a layer of their own can be told."""
    read_all = [
        (_facts(reference, image), image)
        for reference, description in described.items()
        for image in description.images
    ]
    found: list[Row] = []
    for row, image in read_all:
        others = {
            layer.digest
            for other, beside in read_all
            if other.facts != row.facts
            for layer in beside.layers
        }
        if layer := _own(row, image, others):
            found.append(row._replace(digits=layer.digest.removeprefix("sha256:")))
    return found


def _facts(reference: str, image: PlatformImage) -> Row:
    """Of the configuration and of the tag, whichever says the version in more detail."""
    evidence = (*read(image.config).evidence, *of_reference(parse(reference)))
    language = next((e.language for e in evidence if e.language and e.decides), None)
    told = [e.version for e in evidence if e.language == language and e.version]
    if language and (mark := _mark(image)):
        told += [version] if (version := normalise(language, mark[1])) else []
    libc = next((e.libc for e in evidence if e.libc), None)
    return Row(reference, language, max(told, key=len, default=None), libc, "")


def _own(row: Row, image: PlatformImage, others: Collection[str]) -> Descriptor | None:
    """The layer with what the base adds: the runtime, which is the largest."""
    if row.language is None:
        return image.layers[0] if len(image.layers) == 1 and row.libc else None
    layers = _after_mark(image)
    if layers is None:  # built without a Dockerfile: all that no other base has
        layers = [layer for layer in image.layers if layer.digest not in others]
    large = [layer for layer in layers if layer.size >= _SMALLEST]
    return max(large, key=lambda layer: layer.size, default=None)


def _after_mark(image: PlatformImage) -> list[Descriptor] | None:
    """The layers whose lines stand behind the first that names the version; None without one."""
    if (mark := _mark(image)) is None:
        return None
    after = sum(not entry.get("empty_layer", False) for entry in _history(image)[mark[0] :])
    return list(image.layers[len(image.layers) - after :])


def _mark(image: PlatformImage) -> tuple[int, str] | None:
    """The place in the history where the base's own part begins, and the version said there."""
    for number, entry in enumerate(_history(image)):
        if match := _INSTALLS.search(str(entry.get("created_by", ""))):
            return number, match[1]
    return None


def _history(image: PlatformImage) -> list[dict[str, Any]]:
    return image.config.get("history") or []


def merged(before: Iterable[Row], now: Iterable[Row]) -> list[Row]:
    """The rows of a new table, sorted. Raises ValueError for a layer that proves two things.

    Of two names for one base the first stays, with the version that says more.
    """
    table: dict[str, Row] = {}
    for row in sorted({*before, *now}, key=_order):
        known = table.setdefault(row.digits, row)
        short, long = sorted((known.version or "", row.version or ""), key=len)
        same = (known.language, known.libc) == (row.language, row.libc)
        if not same or not f"{long}.".startswith(f"{short}." if short else ""):
            raise ValueError(f"sha256:{row.digits} is {known.image}'s and {row.image}'s")
        table[row.digits] = known._replace(version=long or None)
    return sorted(table.values(), key=_order)


def _order(row: Row) -> tuple[str, ...]:
    return tuple(field or "" for field in row)


def load(text: str) -> list[Row]:
    """The rows of a table."""
    return [Row(*fields) for fields in json.loads(text)]


def dump(table: Sequence[Row]) -> str:
    """A table, one row a line so that changes can be reviewed. Raises ValueError if large."""
    text = "[\n" + ",\n".join(f" {json.dumps(row)}" for row in table) + "\n]\n"
    if len(text) > LARGEST_TABLE:
        raise ValueError(f"{len(text)} bytes are more than {LARGEST_TABLE}: list fewer references")
    return text


async def describe(
    references: Sequence[str], settings: Settings, keyring: Keyring
) -> tuple[dict[str, Description], list[str]]:
    """What each reference holds now, and sentences about those that could not be read."""
    described: dict[str, Description] = {}
    faults: list[str] = []
    async with connect(settings) as client:
        for reference in references:  # one after the other: nobody waits, and registries count
            try:
                described[reference] = await _describe(client, reference, keyring)
            except (RegistryError, ValueError) as error:
                faults.append(f"{reference}: {error}")
    return described, faults


async def _describe(client: Client, reference: str, keyring: Keyring) -> Description:
    deadline = asyncio.get_running_loop().time() + PATIENCE
    name = parse(reference)
    return await client.describe(name, deadline=deadline, platforms=PLATFORMS, keyring=keyring)


def listed(text: str) -> list[str]:
    """The references of a list: one a line, without comments and empty lines."""
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return [line for line in lines if line]


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the table, or check it; 1 where a reference cannot be read or the table lacks rows."""
    options = _parser().parse_args(arguments)
    hosts = frozenset(options.plain_http)
    settings = Settings(plain_http=hosts, local=hosts)
    keyring = read_keyring(options.credentials.read_bytes()) if options.credentials else Keyring()
    references = options.references or listed(REFERENCES.read_text(encoding="utf-8"))
    described, faults = asyncio.run(describe(references, settings, keyring))
    before = options.table.read_text(encoding="utf-8") if options.table.exists() else "[]"
    kept = [] if options.anew else load(before)
    after = dump(merged(kept, rows(described)))
    sys.stderr.writelines(f"{fault}\n" for fault in faults)
    if options.check:
        words = "is up to date" if after == before else "lacks layers"
    else:
        options.table.write_text(after, encoding="utf-8")
        words = f"has {len(load(after))} layers"
    sys.stdout.write(f"{options.table.name} {words}\n")
    return int(bool(faults) or (options.check and after != before))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("references", nargs="*", help="instead of those in scripts/bases.txt")
    parser.add_argument("--check", action="store_true", help="say what is missing, write nothing")
    parser.add_argument("--anew", action="store_true", help="forget what the table has now")
    parser.add_argument("--table", type=Path, default=TABLE, help="the file to write")
    parser.add_argument("--credentials", type=Path, help="a Docker configuration with `auths`")
    parser.add_argument(
        "--plain-http", action="append", default=[], metavar="HOST", help="a registry without TLS"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
