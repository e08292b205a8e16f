"""The shop's manifests, read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

MANIFESTS = Path(__file__).with_name("manifests")

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Manifests:
    """What the demo uses of a folder of manifests, in the order of the files."""

    deployments: tuple[Document, ...]
    services: tuple[Document, ...]
    config_maps: Mapping[str, Mapping[str, str]]
    secrets: Mapping[str, Mapping[str, str]]


def read(folder: Path = MANIFESTS) -> Manifests:
    """All documents of the folder's YAML files, by file name."""
    yaml = YAML(typ="safe", pure=True)
    return sort(
        document
        for path in sorted(folder.glob("*.yaml"))
        for document in yaml.load_all(path)
        if document
    )


def sort(documents: Iterable[Document]) -> Manifests:
    """The documents by kind."""
    kinds: dict[str, list[Document]] = {}
    for document in documents:
        kinds.setdefault(document["kind"], []).append(document)
    return Manifests(
        deployments=tuple(kinds.get("Deployment", ())),
        services=tuple(kinds.get("Service", ())),
        config_maps=_data(kinds.get("ConfigMap", ()), "data"),
        secrets=_data(kinds.get("Secret", ()), "stringData"),
    )


def _data(documents: Iterable[Document], field: str) -> dict[str, Mapping[str, str]]:
    return {document["metadata"]["name"]: document.get(field) or {} for document in documents}
