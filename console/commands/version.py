"""`spanhook version`: what is installed here."""

import platform
from typing import Annotated, Literal

import typer

EXAMPLES = ("spanhook version", "spanhook version -o json")


def version(
    output: Annotated[
        Literal["table", "json", "yaml"], typer.Option("--output", "-o", help="The form.")
    ] = "table",
) -> None:
    """Print the version of Spanhook, of Python, and the languages that are served."""
    from console.values import text
    from webhook.languages import LANGUAGES
    from webhook.settings import VERSION

    values = {
        "version": VERSION,
        "python": platform.python_version(),
        "languages": [language.name for language in LANGUAGES],
    }
    if output != "table":
        typer.echo(text(values, output), nl=False)
        return
    typer.echo(f"spanhook   {VERSION}")
    typer.echo(f"python     {platform.python_version()}")
    typer.echo(f"languages  {', '.join(language.title for language in LANGUAGES)}")
