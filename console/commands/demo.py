"""`spanhook demo`: the five-language shop, instrumented, on this machine."""

import json
import sys
from typing import Annotated, Literal

import typer

EXAMPLES = (
    "spanhook demo",
    "spanhook demo --once",
    "spanhook demo --once --verbose",
    "spanhook demo --once -o json | jq .decisions",
)


def demo(
    once: Annotated[
        bool,
        typer.Option("--once", help="Check that the promised trace comes, print it and end."),
    ] = False,
    rounds: Annotated[
        int, typer.Option(min=1, max=100, help="How often the list of visits is sent.")
    ] = 3,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Show every patch and every trace.")
    ] = False,
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep the run's folder: pods, logs, certificates.")
    ] = False,
    own_runtimes: Annotated[
        bool,
        typer.Option(
            "--own-runtimes",
            help="Fetch Node.js, Java and Go even where this machine has them.",
        ),
    ] = False,
    output: Annotated[
        Literal["table", "json"],
        typer.Option("--output", "-o", help="For people; or for programs, the rest on stderr."),
    ] = "table",
) -> None:
    """Run a shop of five services, instrumented by the real webhook, without a cluster.

    Its pods are decided and patched over TLS, then run as processes of this machine with exactly
    the environment that they were given, and the trace that they send is shown. Runtimes and agents
    that are not here are fetched into the cache ($SPANHOOK_CACHE, else ~/.cache/spanhook).

    With --once it ends by itself: 0 where one trace went through Node.js, Python and Java, else 1;
    and through Go, where this machine lets the node agent trace it (root, bcc: node-agent --check).
    """
    from rich.console import Console

    from demo.display import WIDTH
    from demo.run import Options, run

    stream = sys.stderr if output == "json" else sys.stdout
    console = Console(file=stream, width=None if stream.isatty() else WIDTH, highlight=False)
    options = Options(
        once=once, rounds=rounds, keep=keep, verbose=verbose, own_runtimes=own_runtimes
    )
    report = run(options, console)
    if output == "json":
        typer.echo(json.dumps(report.document, indent=2))
    raise typer.Exit(report.code)
