"""Kubernetes objects as tests write them: dicts, YAML texts of many documents, files, folders."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

Source = str | Path | Mapping[str, Any]


def objects(*sources: Source) -> Iterator[dict[str, Any]]:
    """Every object of every source in order; lists are taken apart, empty documents left out.

    A path is a file, or a folder whose files `*.yaml` are read by name.
    """
    for source in sources:
        for document in _documents(source):
            if document and str(document["kind"]).endswith("List") and "items" in document:
                yield from document["items"]
            elif document:
                yield document


def _documents(source: Source) -> Iterator[dict[str, Any]]:
    if isinstance(source, Mapping):
        yield dict(source)
    elif isinstance(source, Path):
        for file in sorted(source.glob("*.yaml")) if source.is_dir() else [source]:
            yield from YAML(typ="safe", pure=True).load_all(file)
    else:
        yield from YAML(typ="safe", pure=True).load_all(source)
