"""`spanhook explain`: what would be decided about manifests, and why."""

from typing import Annotated, Literal

import typer

from console.options import (
    TIMEOUT,
    CertificateAuthority,
    Files,
    ImageConfigs,
    Input,
    InsecureRegistries,
    Inspect,
    Layers,
    NamespaceName,
    PlainHttp,
    Platforms,
    Recursive,
    SettingsFile,
    Timeout,
    given_files,
    registries,
)

EXAMPLES = (
    "spanhook explain -f shop.yaml",
    "kubectl get deployments -A -o yaml | spanhook explain --inspect",
    "spanhook explain -f manifests/ -R -o json | jq '.[] | select(.decision == \"skip\")'",
)


def explain(
    files: Files = None,
    recursive: Recursive = False,
    namespace: NamespaceName = None,
    image_configs: ImageConfigs = None,
    settings: SettingsFile = None,
    inspect: Inspect = False,
    layers: Layers = True,
    platforms: Platforms = None,
    plain_http: PlainHttp = None,
    insecure: InsecureRegistries = None,
    certificate_authority: CertificateAuthority = None,
    timeout: Timeout = TIMEOUT,
    output: Annotated[
        Literal["table", "json", "yaml"],
        typer.Option("--output", "-o", help="For people, or for programs."),
    ] = "table",
) -> None:
    """Say per container what is decided, the evidence behind it, and what to do about a skip.

    Skipped containers are no failure: the exit code is 0 for every input that can be read.
    """
    from console.deciding import decide, read_input

    asked = None
    if inspect:
        asked = registries(
            plain_http, insecure, certificate_authority, platforms, timeout, layers=layers
        )
    names = given_files(files)
    given = Input(names, recursive, namespace, image_configs, settings, asked)
    answers = decide(given, read_input(given))
    if output == "table":
        from console.explanation import show

        show(answers)
        return
    from console.output import write
    from console.records import records
    from console.values import text

    write(text(records(answers), output))
