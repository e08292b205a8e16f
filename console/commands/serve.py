"""`spanhook serve`: run the webhook."""

import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from console.given import on_line, refuse
from console.options import ImageConfigs, SettingsFile
from webhook.names import CERTIFICATES, CONFIGURATION, NAMESPACE, WEBHOOK

if TYPE_CHECKING:
    from webhook.server.standalone import Objects

EXAMPLES = (
    "spanhook serve",
    "spanhook serve --kubeconfig ~/.kube/config --context kind-shop --cert-dir certs",
    "spanhook serve --standalone",
    "spanhook serve --standalone --cert-dir certs --settings settings.yaml",
)

_CLUSTER = "In a cluster"
_ALONE = "Without a cluster"

_IN_A_CLUSTER = (
    "kubeconfig",
    "context",
    "namespace",
    "replica",
    "service",
    "webhook_configuration",
    "certificate_secret",
    "certificates",
    "rotation_hold",
    "inspection",
)
_FROM_THE_SECRET = (
    "service",
    "webhook_configuration",
    "certificate_secret",
    "certificates",
    "rotation_hold",
)
_WAYS = (
    "say where the cluster is: --kubeconfig FILE, or run it in a pod of the cluster;"
    " --standalone serves without one"
)


def serve(
    given: typer.Context,
    standalone: Annotated[
        bool,
        typer.Option(
            "--standalone",
            help="Every pod counts as opted in unless its label opts out.",
            rich_help_panel=_ALONE,
        ),
    ] = False,
    host: Annotated[
        str | None,
        typer.Option(
            help="The address to listen on.",
            show_default="127.0.0.1; in a pod all, of IPv4 and IPv6",
        ),
    ] = None,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The port; 0 takes a free one.")
    ] = 8443,
    cert_dir: Annotated[
        Path | None,
        typer.Option(
            help="Where ca.crt, tls.crt and tls.key are kept; made where absent.",
            show_default="in memory; in a cluster the Secret",
        ),
    ] = None,
    tls_name: Annotated[
        list[str] | None,
        typer.Option(help="A further name or address in the certificate; may be repeated."),
    ] = None,
    settings: SettingsFile = None,
    image_configs: ImageConfigs = None,
    log_format: Annotated[
        Literal["auto", "json", "text"],
        typer.Option(help="Of the lines on stderr; auto is text at a terminal, else JSON."),
    ] = "auto",
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        typer.Option(help="The least level shown; reviews are logged at info."),
    ] = "info",
    objects: Annotated[
        list[Path] | None,
        typer.Option(
            help="Manifests whose ConfigMaps and Namespaces decisions may read; may be repeated.",
            rich_help_panel=_ALONE,
        ),
    ] = None,
    kubeconfig: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="How to reach the cluster.",
            show_default="the pod's service account",
            rich_help_panel=_CLUSTER,
        ),
    ] = None,
    context: Annotated[
        str | None,
        typer.Option(
            help="A context of the kubeconfig.",
            show_default="its current one",
            rich_help_panel=_CLUSTER,
        ),
    ] = None,
    namespace: Annotated[
        str | None,
        typer.Option(
            help="Where our own objects are.",
            show_default=f"the pod's, else {NAMESPACE}",
            rich_help_panel=_CLUSTER,
        ),
    ] = None,
    replica: Annotated[
        str | None,
        typer.Option(
            envvar="HOSTNAME",
            help="Our name among the replicas.",
            show_default="the host's name",
            rich_help_panel=_CLUSTER,
        ),
    ] = None,
    service: Annotated[
        str,
        typer.Option(
            help="The Service that the API server calls: the name in the certificate.",
            rich_help_panel=_CLUSTER,
        ),
    ] = WEBHOOK,
    webhook_configuration: Annotated[
        str,
        typer.Option(
            help="The MutatingWebhookConfiguration whose caBundle is kept right.",
            rich_help_panel=_CLUSTER,
        ),
    ] = CONFIGURATION,
    certificate_secret: Annotated[
        str,
        typer.Option(help="The Secret with the certificates.", rich_help_panel=_CLUSTER),
    ] = CERTIFICATES,
    certificates: Annotated[
        Literal["own", "provided"],
        typer.Option(
            help="Issue and rotate them, or only read what somebody else (cert-manager) provides.",
            rich_help_panel=_CLUSTER,
        ),
    ] = "own",
    rotation_hold: Annotated[
        float,
        typer.Option(
            min=1,
            metavar="SECONDS",
            help="How long every API server may need to learn of another authority.",
            rich_help_panel=_CLUSTER,
        ),
    ] = 300,
    inspection: Annotated[
        bool,
        typer.Option(
            help="Whether registries may be asked what images are; else only profiles are read.",
            rich_help_panel=_CLUSTER,
        ),
    ] = True,
) -> None:
    """Run the admission webhook over TLS until SIGTERM or Ctrl-C.

    In a pod it serves its cluster; --kubeconfig serves a cluster from outside; --standalone none.
    """
    _check(given)
    # Only this command pays for the server's imports.
    from webhook.server.endpoint import ANYWHERE, LOOPBACK, Endpoint

    if host is None:
        host = LOOPBACK if standalone or kubeconfig else ANYWHERE
    endpoint = Endpoint(host, port, tuple(tls_name or ()), log_format, log_level)
    if standalone:
        from webhook.server import standalone as alone

        known = known_objects(objects or [])
        _run(alone.run, alone.Options(endpoint, cert_dir, settings, image_configs, known))
        return
    from kube.configuration import pod_namespace
    from webhook.server.cluster import webhook
    from webhook.server.cluster.options import Options

    options = Options(
        endpoint,
        kubeconfig=kubeconfig,
        context=context,
        namespace=namespace or (None if kubeconfig else pod_namespace()) or NAMESPACE,
        replica=replica or socket.gethostname(),
        service=service,
        webhook_configuration=webhook_configuration,
        certificate_secret=certificate_secret,
        certificates=certificates,
        rotation_hold=rotation_hold,
        cert_dir=cert_dir,
        settings=settings,
        image_configs=image_configs,
        inspection=inspection,
    )
    _run(webhook.run, options)


def _check(given: typer.Context) -> None:
    """Refuse options that do not go together. Raises typer.BadParameter."""
    known = on_line(given)
    if "standalone" in known:
        refuse(_IN_A_CLUSTER, known, "--standalone serves without a cluster")
        return
    refuse(("objects",), known, "in a cluster its own objects are read")
    if "cert_dir" in known:
        refuse(_FROM_THE_SECRET, known, "with --cert-dir the Secret is not looked at")
    if "kubeconfig" not in known:
        refuse(("context",), known, "a context is one of a --kubeconfig")
        if not os.environ.get("KUBERNETES_SERVICE_HOST"):
            raise typer.BadParameter(_WAYS)


def _run(run: Callable[..., None], options: object) -> None:
    from certs.directory import CertificateFileError
    from console.manifests.errors import InputError
    from kube.errors import KubeconfigError
    from webhook.server.service import ImageConfigsError
    from webhook.server.settings import SettingsError

    errors = (CertificateFileError, ImageConfigsError, KubeconfigError, SettingsError, OSError)
    try:
        run(options, announce=lambda line: print(line, flush=True))  # noqa: T201
    except errors as error:
        raise InputError(str(error)) from error


def known_objects(paths: list[Path]) -> "Objects":
    """What manifests say of ConfigMaps, Namespaces, and our own objects. Raises InputError."""
    from webhook.server.standalone import Objects

    if not paths:
        return Objects()
    # The YAML reader costs memory that a server without manifests need not have.
    from console.manifests.bundle import bundle
    from console.manifests.files import read_files

    manifests = bundle(read_files(map(str, paths)))
    learnt = manifests.learnt
    return Objects(
        manifests.config_maps,
        manifests.namespaces,
        learnt.images,
        learnt.digests,
        learnt.observed,
    )
