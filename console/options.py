"""The options that several commands share."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from console.images.registries import Registries

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
_REGISTRIES = "Registries"
Inspect = Annotated[
    bool,
    typer.Option(
        "--inspect", help="Ask the registries what is in the images.", rich_help_panel=_REGISTRIES
    ),
]
Layers = Annotated[
    bool,
    typer.Option(
        "--layers/--no-layers",
        help="Read layers too where an image's configuration tells too little.",
        rich_help_panel=_REGISTRIES,
    ),
]
Platforms = Annotated[
    list[str] | None,
    typer.Option(
        "--platform",
        metavar="OS/ARCH",
        help="The platform that is meant; may be repeated.",
        show_default="this machine's, else all",
        rich_help_panel=_REGISTRIES,
    ),
]
PlainHttp = Annotated[
    list[str] | None,
    typer.Option(
        metavar="HOST",
        help="A registry that is asked without TLS; may be repeated.",
        rich_help_panel=_REGISTRIES,
    ),
]
InsecureRegistries = Annotated[
    list[str] | None,
    typer.Option(
        "--insecure-registry",
        metavar="HOST",
        help="A registry whose certificate is not checked; may be repeated.",
        rich_help_panel=_REGISTRIES,
    ),
]
CertificateAuthority = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Certificates (PEM) that registries may be signed by, beside the system's.",
        rich_help_panel=_REGISTRIES,
    ),
]
Timeout = Annotated[
    float,
    typer.Option(
        metavar="SECONDS",
        min=0.1,
        help="For one image's configuration, and again for its layers.",
        rich_help_panel=_REGISTRIES,
    ),
]
TIMEOUT = 30.0
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No report, only errors.")]


@dataclass(frozen=True, slots=True)
class Input:
    """What a command reads: names as `-f` takes them, and what is known beside the manifests."""

    files: tuple[str, ...]
    recursive: bool = False
    namespace: str | None = None
    image_configs: Path | None = None
    settings: Path | None = None
    registries: "Registries | None" = None
    """How registries are asked; None where they are not."""


def given_files(names: list[str] | None) -> tuple[str, ...]:
    """The names given by `-f`, or stdin when something is piped in. Raises typer.BadParameter."""
    if names:
        if names.count(_STDIN) > 1:
            raise typer.BadParameter("stdin can be read only once", param_hint="-f")
        return tuple(names)
    if sys.stdin.isatty():
        raise typer.BadParameter("give manifests with -f FILE, or pipe them in", param_hint="-f")
    return (_STDIN,)


def registries(
    plain_http: list[str] | None,
    insecure: list[str] | None,
    authorities: Path | None,
    platforms: list[str] | None,
    timeout: float,
    *,
    layers: bool,
) -> "Registries":
    """The options of commands that ask registries. Raises typer.BadParameter."""
    from console.images.registries import Registries
    from inspection.platforms import parse_all

    try:
        parse_all(platforms or ())
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--platform") from error
    return Registries(
        tuple(plain_http or ()),
        tuple(insecure or ()),
        authorities,
        tuple(platforms or ()),
        layers,
        timeout,
    )
