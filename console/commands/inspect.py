"""`spanhook inspect`: what images run, asked of their registries."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from console.options import (
    TIMEOUT,
    CertificateAuthority,
    InsecureRegistries,
    Layers,
    PlainHttp,
    Platforms,
    SettingsFile,
    Timeout,
    registries,
)

if TYPE_CHECKING:
    from console.images.seen import Seen

EXAMPLES = (
    "spanhook inspect python:3.13-slim ghcr.io/acme/orders:2.4",
    "spanhook inspect -o json redis:8 | jq -r '.[].language'",
    "spanhook inspect --platform linux/arm64 registry.example.com:5000/team/app@sha256:…",
    "spanhook inspect -o configs $(cat images.txt) > images.json",
)


def inspect(
    images: Annotated[
        list[str], typer.Argument(metavar="IMAGE…", help="Images as a pod names them.")
    ],
    layers: Layers = True,
    platforms: Platforms = None,
    plain_http: PlainHttp = None,
    insecure: InsecureRegistries = None,
    certificate_authority: CertificateAuthority = None,
    timeout: Timeout = TIMEOUT,
    settings: SettingsFile = None,
    output: Annotated[
        Literal["table", "json", "yaml", "configs"],
        typer.Option(
            "--output", "-o", help="For people, for programs, or for --image-configs as JSON."
        ),
    ] = "table",
) -> None:
    """Say what images run: language, version, C library, how sure that is, and from what.

    Asks each image's registry for its configuration, a few kilobytes; where that leaves it open,
    reads layers from the top until it is known. Nothing is pulled, nothing is stored.

    Credentials are those of `docker login` (~/.docker/config.json, or the folder in DOCKER_CONFIG);
    credential helpers are not called. How registries are reached is in the settings'
    imageInspection: mirrors, authorities, a proxy.

    Exit codes: 0 every image was read, 1 one could not be (and is said), 2 wrong use.
    """
    from console.deciding import load_settings
    from console.images.asking import ask
    from console.images.seen import Wanted

    _check(images)
    how = registries(plain_http, insecure, certificate_authority, platforms, timeout, layers=layers)
    wanted = [Wanted(text) for text in dict.fromkeys(images)]
    found = ask(wanted, how, load_settings(settings).image_inspection)
    _print(found, output)
    raise typer.Exit(1 if any(one.fault for one in found) else 0)


def _check(images: list[str]) -> None:
    from webhook.images import reference

    for text in images:
        try:
            reference.parse(text)
        except ValueError as error:
            raise typer.BadParameter(str(error), param_hint="IMAGE") from error


def _print(found: "tuple[Seen, ...]", output: Literal["table", "json", "yaml", "configs"]) -> None:
    if output == "table":
        from console.images.view import show

        show(found)
        return
    from console import report
    from console.images.records import configs, record
    from console.output import write
    from console.values import text

    if output == "configs":
        write(text(configs(found), "json"))
    else:
        write(text([record(one) for one in found], output))
    for one in found:
        if one.fault:
            report.line(one.fault.of(one.reference))
