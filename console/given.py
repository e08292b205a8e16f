"""Options that were given on the command line, and those that do not go together."""

from collections.abc import Iterable

import typer


def on_line(given: typer.Context) -> set[str]:
    """The parameters that were written on the command line: not defaults, not variables."""
    return {name for name in given.params if _is_on_line(given, name)}


def refuse(names: Iterable[str], known: set[str], why: str) -> None:
    """Raises typer.BadParameter, which names the first of these options that was given."""
    for name in names:
        if name in known:
            raise typer.BadParameter(why, param_hint=f"--{name.replace('_', '-')}")


def _is_on_line(given: typer.Context, name: str) -> bool:
    source = given.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"
