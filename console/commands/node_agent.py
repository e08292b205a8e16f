"""`spanhook node-agent`: trace the Go programs of a machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from console.given import on_line, refuse

EXAMPLES = (
    "spanhook node-agent --check",
    "spanhook node-agent --standalone --pid 4242",
    "spanhook node-agent --standalone --exe /srv/shop --endpoint http://localhost:4318",
    "spanhook node-agent --kubeconfig ~/.kube/config --node-name node-1",
)


class Propagation(StrEnum):
    """How traces can be passed on: nodeagent.propagation.paths.WISHES."""

    OFF = "off"
    WRITE = "write"
    SK_MSG = "sk-msg"
    AUTO = "auto"


_ENDPOINT = "http://localhost:4318"
_LAST_PORT = 65535

_CLUSTER = "In a cluster"
_ALONE = "Without a cluster"
_FOR_ALONE = ("pid", "exe", "service_name")
_FOR_CLUSTER = ("kubeconfig", "node_name", "pod_uid", "metrics_address", "settings")


def node_agent(
    given: typer.Context,
    standalone: Annotated[
        bool,
        typer.Option(
            "--standalone",
            help="Trace what --pid and --exe say, no cluster.",
            rich_help_panel=_ALONE,
        ),
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Say what this machine lacks for tracing, and end.")
    ] = False,
    pid: Annotated[
        list[int] | None,
        typer.Option(min=1, help="A process to trace; may be repeated.", rich_help_panel=_ALONE),
    ] = None,
    exe: Annotated[
        list[Path] | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="A program whose processes are traced, those to come too; may be repeated.",
            rich_help_panel=_ALONE,
        ),
    ] = None,
    endpoint: Annotated[
        str | None,
        typer.Option(
            envvar="OTEL_EXPORTER_OTLP_ENDPOINT",
            metavar="URL",
            help=f"The OTLP receiver, over HTTP; else {_ENDPOINT}, in a cluster that of the"
            " settings.",
        ),
    ] = None,
    service_name: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="The service's name in spans, for processes whose own variables say none.",
            rich_help_panel=_ALONE,
        ),
    ] = "",
    sampling_ratio: Annotated[
        float,
        typer.Option(min=0, max=1, metavar="RATIO", help="The part of new traces that is kept."),
    ] = 1,
    propagation: Annotated[
        Propagation,
        typer.Option(
            envvar="SPANHOOK_PROPAGATION",
            metavar="WAY",
            help="How the trace is passed on to who is called: write, sk-msg, auto (the first of"
            " both that can) or off.",
        ),
    ] = Propagation.WRITE,
    kubeconfig: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="The cluster; in a pod it is known without.",
            rich_help_panel=_CLUSTER,
        ),
    ] = None,
    node_name: Annotated[
        str,
        typer.Option(
            envvar="SPANHOOK_NODE_NAME",
            metavar="NAME",
            help="The node that this machine is.",
            rich_help_panel=_CLUSTER,
        ),
    ] = "",
    pod_uid: Annotated[
        str,
        typer.Option(
            envvar="SPANHOOK_POD_UID",
            metavar="UID",
            help="The pod that this is, by which spanhook status knows of the node.",
            rich_help_panel=_CLUSTER,
        ),
    ] = "",
    metrics_address: Annotated[
        str,
        typer.Option(
            metavar="[HOST]:PORT",
            help="Where /metrics, /healthz and /readyz are.",
            rich_help_panel=_CLUSTER,
        ),
    ] = ":9464",
    settings: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="Spanhook's settings, instead of the cluster's.",
            rich_help_panel=_CLUSTER,
        ),
    ] = None,
) -> None:
    """Trace the Go programs of this node's pods, or of this machine, until SIGTERM or Ctrl-C.

    They are traced through eBPF and stay as they are. With --standalone and --pid it ends by itself
    when all of these processes have ended, with 1 where none of them could be traced.
    """
    known = on_line(given)
    if check:
        refuse(sorted(known - {"check"}), known, "--check takes no other option")
        _check()
        return
    if endpoint is not None:
        _valid(endpoint)
    if standalone:
        refuse(_FOR_CLUSTER, known, "it is for a cluster, --standalone is without one")
        if not pid and not exe:
            raise typer.BadParameter("--standalone needs --pid or --exe")
        what = (tuple(pid or ()), tuple(exe or ()), sampling_ratio, service_name)
        _alone(what, endpoint or _ENDPOINT, propagation)
        return
    refuse(_FOR_ALONE, known, "it is for --standalone")
    if not node_name:
        raise typer.BadParameter(
            "say which node this is: --node-name; or --standalone with --pid or --exe"
        )
    place = (kubeconfig, *_address(metrics_address))
    _in_cluster((node_name, pod_uid), endpoint, place, (sampling_ratio, propagation), settings)


def _alone(
    what: tuple[tuple[int, ...], tuple[Path, ...], float, str], endpoint: str, propagation: str
) -> None:
    from console.manifests.errors import InputError

    with _extra():
        from nodeagent.kernel.errors import CompilerError
        from nodeagent.tracing import standalone as alone
        from nodeagent.tracing.agent import Targets
    options = alone.Options(Targets(*what), endpoint, propagation)
    try:
        alone.run(options, announce=_say)
    except CompilerError as error:
        raise InputError(f"tracing cannot begin: {error}; --check says more") from error
    except alone.Untraceable as error:
        raise InputError(str(error)) from error


def _in_cluster(
    who: tuple[str, str],
    endpoint: str | None,
    place: tuple[Path | None, str, int],
    how: tuple[float, str],
    settings: Path | None,
) -> None:
    from console.manifests.errors import InputError
    from kube.errors import KubeconfigError
    from webhook.server.settings import SettingsError, load, salvage
    from webhook.settings import Settings

    with _extra():
        from nodeagent.cluster import agent
        from nodeagent.cluster.options import Options
    node, pod = who
    kubeconfig, host, port = place
    try:
        known = load(settings) if settings is not None else Settings()
        options = Options(
            *(node, endpoint, kubeconfig, host, port, how[0]),
            settings=known,
            propagation=how[1],
            salvage=salvage if settings is None else None,
            pod=pod,
        )
        agent.run(options, announce=_say)
    except (KubeconfigError, SettingsError, OSError) as error:
        raise InputError(str(error)) from error


@contextmanager
def _extra() -> Iterator[None]:
    """Imports that the package's extra is needed for."""
    from console.manifests.errors import InputError

    try:
        yield
    except ModuleNotFoundError as error:
        raise InputError(f"{error.name} is missing: install spanhook[node-agent]") from error


def _address(text: str) -> tuple[str, int]:
    """Host and port; an empty host is all addresses of the machine."""
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdecimal() or int(port) > _LAST_PORT:
        raise typer.BadParameter(f'--metrics-address "{text}": expected [HOST]:PORT')
    return host.removeprefix("[").removesuffix("]"), int(port)


def _valid(endpoint: str) -> None:
    """Raises typer.BadParameter where nothing can be sent to it."""
    try:
        parts = urlsplit(endpoint)
        fits = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        fits = False
    if not fits:
        raise typer.BadParameter(
            f'"{endpoint}" is no address of an OTLP receiver: expected http://HOST:PORT or'
            " https://HOST:PORT",
            param_hint="--endpoint, or OTEL_EXPORTER_OTLP_ENDPOINT",
        )


def _check() -> None:
    from nodeagent.kernel.checks import checks
    from nodeagent.kernel.summary import lines
    from nodeagent.propagation.trying import refusal
    from nodeagent.propagation.way import WAYS

    results = list(checks())
    for line in lines(results, {way.name: refusal(way) for way in WAYS}):
        _say(line)
    if any(result.lacks for result in results):
        raise typer.Exit(1)


def _say(line: str) -> None:
    # One write: threads that attach say things at once, and print writes the end of line by itself.
    print(f"{line}\n", end="", flush=True)  # noqa: T201
