"""What an image brings along: its configuration, and what stands for its files on this machine."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

SHOP_CONFIGS = Path(__file__).with_name("image-configs.json")


@dataclass(frozen=True, slots=True)
class ImageConfig:
    """The part of an OCI image configuration that a container starts with."""

    env: Mapping[str, str] = field(default_factory=dict)
    entrypoint: tuple[str, ...] = ()
    cmd: tuple[str, ...] = ()
    working_dir: str = "/"

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        """Read from an OCI image configuration document."""
        config = document["config"]
        return cls(
            env=dict(entry.split("=", 1) for entry in config.get("Env") or ()),
            entrypoint=tuple(config.get("Entrypoint") or ()),
            cmd=tuple(config.get("Cmd") or ()),
            working_dir=config.get("WorkingDir") or "/",
        )


@dataclass(frozen=True, slots=True)
class LocalImage:
    """An image without layers.

    `files` says which folder or file of this machine stands for a path of the image,
    `programs` which folders are searched for its commands.
    """

    config: ImageConfig = field(default_factory=ImageConfig)
    files: Mapping[str, Path] = field(default_factory=dict)
    programs: tuple[Path, ...] = ()


def shop_configs() -> dict[str, ImageConfig]:
    """The configurations of the shop's own images by reference."""
    documents = json.loads(SHOP_CONFIGS.read_text())
    return {reference: ImageConfig.of(document) for reference, document in documents.items()}
