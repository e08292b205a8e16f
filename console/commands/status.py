"""`spanhook status`: how an installation is, and which pods are not instrumented."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from webhook.names import NAMESPACE

if TYPE_CHECKING:
    from console.status.model import Status
    from console.status.reading import Scope

EXAMPLES = (
    "spanhook status",
    "spanhook status -n shop -n billing",
    "spanhook status --context production -o json | jq -r '.findings[].message'",
    "spanhook status -o json | jq -r '.namespaces[].workloads[].remedy.command // empty'",
)


def status(
    kubeconfig: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Whom to ask.", show_default="as kubectl"),
    ] = None,
    context: Annotated[
        str | None, typer.Option(metavar="NAME", help="A context of the kubeconfig.")
    ] = None,
    namespaces: Annotated[
        list[str] | None,
        typer.Option(
            "--namespace",
            "-n",
            metavar="NAMESPACE",
            help="Look at the pods of this namespace only; may be repeated.",
            show_default="all that are opted in",
        ),
    ] = None,
    all_namespaces: Annotated[
        bool,
        typer.Option(
            "--all-namespaces",
            "-A",
            help="All namespaces, or an error: never just the context's own for lack of rights.",
        ),
    ] = False,
    system_namespace: Annotated[
        str, typer.Option(metavar="NAMESPACE", help="Where Spanhook is installed.")
    ] = NAMESPACE,
    output: Annotated[
        Literal["table", "json", "yaml"],
        typer.Option("--output", "-o", help="For people, or for programs."),
    ] = "table",
) -> None:
    """Say whether the webhook works, what it serves, and which pods are not instrumented.

    For pods that would be instrumented if they were created now, it prints the line that creates
    them anew. It changes nothing, and reads no Secret.

    Exit codes: 0 all is well, 1 something is wrong (and is said), 2 wrong use.
    """
    if namespaces and all_namespaces:
        raise typer.BadParameter("-A and -n exclude each other", param_hint="-A")
    from console.status.reading import Scope

    scope = Scope(system_namespace, tuple(namespaces or ()), all_namespaces)
    found = _read(kubeconfig, context, scope)
    if output == "table":
        from console.status.view import show

        show(found)
    else:
        from console.output import write
        from console.status.records import record
        from console.values import text

        write(text(record(found), output))
    raise typer.Exit(0 if found.healthy else 1)


def _read(kubeconfig: Path | None, context: str | None, scope: "Scope") -> "Status":
    """Ask the cluster. Raises InputError."""
    import asyncio
    from datetime import UTC, datetime

    from console.manifests.errors import InputError
    from console.status.progress import Progress
    from console.status.reading import status as read
    from kube.client import connect
    from kube.errors import KubeError

    progress = Progress()

    async def ask() -> "Status":
        async with connect(kubeconfig, context=context) as client:
            return await read(client, scope, progress, datetime.now(UTC))

    try:
        return asyncio.run(ask())
    except KubeError as error:
        raise InputError(str(error)) from error
    finally:
        progress.done()
