"""`spanhook explain`: what would be decided about manifests, and why."""

from typing import Annotated, Literal

import typer

from console.options import (
    Files,
    ImageConfigs,
    Input,
    NamespaceName,
    Recursive,
    SettingsFile,
    given_files,
)

EXAMPLES = (
    "spanhook explain -f shop.yaml",
    "kubectl get deployments -A -o yaml | spanhook explain",
    "spanhook explain -f manifests/ -R -o json | jq '.[] | select(.decision == \"skip\")'",
)


def explain(
    files: Files = None,
    recursive: Recursive = False,
    namespace: NamespaceName = None,
    image_configs: ImageConfigs = None,
    settings: SettingsFile = None,
    output: Annotated[
        Literal["table", "json", "yaml"],
        typer.Option("--output", "-o", help="For people, or for programs."),
    ] = "table",
) -> None:
    """Say per container what is decided, the evidence behind it, and what to do about a skip.

    Skipped containers are no failure: the exit code is 0 for every input that can be read.
    """
    from console.deciding import decide, read_input

    given = Input(given_files(files), recursive, namespace, image_configs, settings)
    answers = decide(given, read_input(given))
    if output == "table":
        from console.explanation import show

        show(answers)
        return
    from console.output import write
    from console.records import records
    from console.values import text

    write(text(records(answers), output))
