"""`spanhook serve`: run the webhook."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from console.options import ImageConfigs, SettingsFile

if TYPE_CHECKING:
    from webhook.server.standalone import Objects

EXAMPLES = (
    "spanhook serve --standalone",
    "spanhook serve --standalone --cert-dir certs --settings settings.yaml",
)


def serve(
    standalone: Annotated[
        bool,
        typer.Option(
            "--standalone",
            help="Without a cluster: every pod counts as opted in unless its label opts out.",
        ),
    ] = False,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The port; 0 takes a free one.")
    ] = 8443,
    cert_dir: Annotated[
        Path | None,
        typer.Option(
            help="Where ca.crt, tls.crt and tls.key are kept; made where absent.",
            show_default="in memory",
        ),
    ] = None,
    tls_name: Annotated[
        list[str] | None,
        typer.Option(help="A further name or address in the certificate; may be repeated."),
    ] = None,
    settings: SettingsFile = None,
    image_configs: ImageConfigs = None,
    objects: Annotated[
        list[Path] | None,
        typer.Option(
            help="Manifests whose ConfigMaps and Namespaces decisions may read; may be repeated."
        ),
    ] = None,
    log_format: Annotated[
        Literal["auto", "json", "text"],
        typer.Option(help="Of the lines on stderr; auto is text at a terminal, else JSON."),
    ] = "auto",
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        typer.Option(help="The least level shown; reviews are logged at info."),
    ] = "info",
) -> None:
    """Run the admission webhook over TLS until SIGTERM or Ctrl-C."""
    if not standalone:
        raise typer.BadParameter("this version serves without a cluster only: add --standalone")
    # Only this command pays for the server's imports.
    from certs.directory import CertificateFileError
    from console.manifests.errors import InputError
    from webhook.server.endpoint import Endpoint
    from webhook.server.service import ImageConfigsError
    from webhook.server.settings import SettingsError
    from webhook.server.standalone import Options, run

    endpoint = Endpoint(
        host=host,
        port=port,
        names=tuple(tls_name or ()),
        log_format=log_format,
        log_level=log_level,
    )
    options = Options(
        endpoint,
        cert_dir=cert_dir,
        settings=settings,
        image_configs=image_configs,
        objects=known_objects(objects or []),
    )
    try:
        run(options, announce=lambda line: print(line, flush=True))  # noqa: T201
    except (CertificateFileError, SettingsError, ImageConfigsError, OSError) as error:
        raise InputError(str(error)) from error


def known_objects(paths: list[Path]) -> "Objects":
    """What manifests say of ConfigMaps and Namespaces. Raises InputError."""
    from webhook.server.standalone import Objects

    if not paths:
        return Objects()
    # The YAML reader costs memory that a server without manifests need not have.
    from console.manifests.bundle import bundle
    from console.manifests.files import read_files

    manifests = bundle(read_files(map(str, paths)))
    return Objects(manifests.config_maps, manifests.namespaces)
