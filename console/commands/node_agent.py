"""`spanhook node-agent`: trace the Go programs of a machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

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


def node_agent(
    standalone: Annotated[
        bool, typer.Option("--standalone", help="Trace what --pid and --exe say, no cluster.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Say what this machine lacks for tracing, and end.")
    ] = False,
    pid: Annotated[
        list[int] | None, typer.Option(min=1, help="A process to trace; may be repeated.")
    ] = None,
    exe: Annotated[
        list[Path] | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="A program whose processes are traced, those to come too; may be repeated.",
        ),
    ] = None,
    endpoint: Annotated[
        str,
        typer.Option(
            envvar="OTEL_EXPORTER_OTLP_ENDPOINT",
            metavar="URL",
            help="The OTLP receiver, over HTTP.",
        ),
    ] = _ENDPOINT,
    service_name: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="The service's name in spans, for processes whose own variables say none.",
        ),
    ] = "",
    sampling_ratio: Annotated[
        float,
        typer.Option(min=0, max=1, help="The part of new traces that is kept."),
    ] = 1,
    propagation: Annotated[
        Propagation,
        typer.Option(
            envvar="SPANHOOK_PROPAGATION",
            help="How the trace is passed on to who is called; auto: the first of both that can.",
        ),
    ] = Propagation.WRITE,
    kubeconfig: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help="The cluster; in a pod it is known without."
        ),
    ] = None,
    node_name: Annotated[
        str,
        typer.Option(
            envvar="SPANHOOK_NODE_NAME", metavar="NAME", help="The node that this machine is."
        ),
    ] = "",
    pod_uid: Annotated[
        str,
        typer.Option(
            envvar="SPANHOOK_POD_UID",
            metavar="UID",
            help="The pod that this is, by which spanhook status knows of the node.",
        ),
    ] = "",
    metrics_address: Annotated[
        str,
        typer.Option(metavar="[HOST]:PORT", help="Where /metrics, /healthz and /readyz are."),
    ] = ":9464",
    settings: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help="Spanhook's settings, instead of the cluster's."
        ),
    ] = None,
) -> None:
    """Trace the Go programs of this node's pods, or of this machine, until SIGTERM or Ctrl-C.

    They are traced through eBPF and stay as they are. With --standalone and --pid it ends by itself
    when all of these processes have ended.
    """
    if check:
        _check()
    elif standalone:
        if not pid and not exe:
            raise typer.BadParameter("--standalone needs --pid or --exe")
        what = (tuple(pid or ()), tuple(exe or ()), sampling_ratio, service_name)
        _alone(what, endpoint, propagation)
    elif pid or exe:
        raise typer.BadParameter("--pid and --exe are for --standalone")
    elif not node_name:
        raise typer.BadParameter(
            "say which node this is: --node-name; or --standalone with --pid or --exe"
        )
    else:
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


def _in_cluster(
    who: tuple[str, str],
    endpoint: str,
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


def _check() -> None:
    from nodeagent.kernel.checks import checks
    from nodeagent.propagation.trying import refusal
    from nodeagent.propagation.way import WAYS

    results = list(checks())
    for result in results:
        _say(f"{'ok  ' if result.passed else 'no  '}{result.name}: {result.says}")
    for way in WAYS:  # tracing does not need them
        _say(f"    propagation by {way.name}: {refusal(way) or 'can be used'}")
    if not all(result.passed for result in results):
        raise typer.Exit(1)


def _say(line: str) -> None:
    # One write: threads that attach say things at once, and print writes the end of line by itself.
    print(f"{line}\n", end="", flush=True)  # noqa: T201
