"""`spanhook node-agent`: trace the Go programs of a machine."""

from pathlib import Path
from typing import Annotated

import typer

EXAMPLES = (
    "spanhook node-agent --check",
    "spanhook node-agent --standalone --pid 4242",
    "spanhook node-agent --standalone --exe /srv/shop --endpoint http://localhost:4318",
)

_ENDPOINT = "http://localhost:4318"


def node_agent(
    standalone: Annotated[
        bool, typer.Option("--standalone", help="Trace what --pid and --exe say.")
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
) -> None:
    """Trace Go programs that run on this machine, through eBPF, until SIGTERM or Ctrl-C.

    The programs stay as they are. It ends by itself when all processes given by --pid have ended.
    """
    if check:
        _check()
        return
    if not standalone:
        raise typer.BadParameter("say what to trace: --standalone with --pid or --exe")
    if not pid and not exe:
        raise typer.BadParameter("--standalone needs --pid or --exe")
    from console.manifests.errors import InputError

    try:
        from nodeagent.kernel.errors import CompilerError
        from nodeagent.tracing import standalone as alone
        from nodeagent.tracing.agent import Targets
    except ModuleNotFoundError as error:
        raise InputError(f"{error.name} is missing: install spanhook[node-agent]") from error
    targets = Targets(tuple(pid or ()), tuple(exe or ()), sampling_ratio, service_name)
    try:
        alone.run(alone.Options(targets, endpoint), announce=_say)
    except CompilerError as error:
        raise InputError(f"tracing cannot begin: {error}; --check says more") from error


def _check() -> None:
    from nodeagent.kernel.checks import checks

    results = list(checks())
    for result in results:
        _say(f"{'ok  ' if result.passed else 'no  '}{result.name}: {result.says}")
    if not all(result.passed for result in results):
        raise typer.Exit(1)


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201
