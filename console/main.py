"""The `spanhook` command: its table of commands, and how it ends when something is wrong.

Exit codes: 0 done, 1 something could not be done, 2 wrong use. A command's module is imported when
it is run or asked for help, and imports what it works with inside its function: `spanhook serve`
must not carry what only a terminal needs.
"""

import os
import sys
from collections.abc import Iterator, MutableMapping
from importlib import import_module
from inspect import cleandoc
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from console.manifests.errors import InputError
from console.options import DEBUG

COMMANDS: tuple[str, ...] = (
    "inject",
    "uninject",
    "explain",
    "inspect",
    "serve",
    "node-agent",
    "status",
    "demo",
    "version",
)
"""The commands in the order of the help; each is the function of that name in console.commands,
with an underscore where the name has a dash."""

ISSUES = "https://github.com/spanhook/spanhook/issues"


class LazyCommands(MutableMapping[str, Any]):
    """The commands by name, each imported when it is first looked up."""

    def __init__(self) -> None:
        self._loaded: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in COMMANDS:
            raise KeyError(name)
        if name not in self._loaded:
            self._loaded[name] = _load(name)
        return self._loaded[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        del self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


def _load(name: str) -> Any:
    name_in_code = name.replace("-", "_")
    module = import_module(f"console.commands.{name_in_code}")
    examples = getattr(module, "EXAMPLES", ())
    # Typer joins the lines of a paragraph: every example is one of its own.
    epilog = "\n\n".join(["[bold]Examples[/bold]", *(f"  {line}" for line in examples)])
    one = typer.Typer(add_completion=False, rich_markup_mode="rich")
    function = getattr(module, name_in_code)
    help_text = _joined(function.__doc__ or "")
    one.command(name, help=help_text, epilog=epilog if examples else None)(function)
    return get_command(one)


def _joined(docstring: str) -> str:
    """A docstring with each paragraph on one line: the terminal's width breaks lines, not ours."""
    paragraphs = cleandoc(docstring).split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


class Group(TyperGroup):
    """The group of all commands: finds them lazily, turns errors into a line and an exit code."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.commands = LazyCommands()

    def main(self, *arguments: Any, **options: Any) -> Any:
        """Run a command line; what goes wrong is said on stderr in a sentence, never as a trace."""
        try:
            return super().main(*arguments, **options)
        except InputError as error:
            _fail(str(error))
        except Exception as error:
            if os.environ.get(DEBUG):
                raise
            kind = type(error).__name__
            _fail(
                f"unexpected {kind}: {error}. Please report it at {ISSUES};"
                f" {DEBUG}=1 shows where it came from"
            )


def _fail(text: str) -> None:
    sys.stderr.write("".join(f"spanhook: {line}\n" for line in text.splitlines() or [""]))
    sys.exit(1)


def _print_version(wanted: bool) -> None:
    if wanted:
        from webhook.settings import VERSION

        typer.echo(f"spanhook {VERSION}")
        raise typer.Exit


app = typer.Typer(cls=Group, no_args_is_help=True, rich_markup_mode="rich", name="spanhook")


@app.callback(context_settings={"help_option_names": ["-h", "--help"]})
def spanhook(
    version: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_print_version, help="Print the version."
        ),
    ] = False,
) -> None:
    """Traces, metrics and correlated logs for Kubernetes pods without a code change."""
    # `version` has been handled by its callback when this runs.
    del version


def main() -> None:
    """Run the command line of this process."""
    get_command(app)(prog_name="spanhook")
