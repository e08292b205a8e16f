"""The options that several commands share."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

DEBUG = "SPANHOOK_DEBUG"
"""The environment variable that shows where an unexpected error came from."""

_STDIN = "-"

Files = Annotated[
    list[str] | None,
    typer.Option(
        "--filename",
        "-f",
        metavar="FILE|DIR|-",
        help="A manifest, a folder of manifests, or - for stdin; may be repeated.",
        show_default="- when something is piped in",
    ),
]
Recursive = Annotated[
    bool, typer.Option("--recursive", "-R", help="Look into the folders of folders too.")
]
NamespaceName = Annotated[
    str | None,
    typer.Option("--namespace", "-n", help="The namespace of what does not name one."),
]
ImageConfigs = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="OCI image configurations: a JSON object, image reference to document."
    ),
]
SettingsFile = Annotated[
    Path | None, typer.Option("--settings", metavar="FILE", help="The settings, YAML or JSON.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No report, only errors.")]


@dataclass(frozen=True, slots=True)
class Input:
    """What a command reads: names as `-f` takes them, and what is known beside the manifests."""

    files: tuple[str, ...]
    recursive: bool = False
    namespace: str | None = None
    image_configs: Path | None = None
    settings: Path | None = None


def given_files(names: list[str] | None) -> tuple[str, ...]:
    """The names given by `-f`, or stdin when something is piped in. Raises typer.BadParameter."""
    if names:
        if names.count(_STDIN) > 1:
            raise typer.BadParameter("stdin can be read only once", param_hint="-f")
        return tuple(names)
    if sys.stdin.isatty():
        raise typer.BadParameter("give manifests with -f FILE, or pipe them in", param_hint="-f")
    return (_STDIN,)
