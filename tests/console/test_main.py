import json
import subprocess
import sys
from importlib import import_module
from inspect import getdoc
from pathlib import Path

import pytest
from typer.main import get_command

from console.commands import version
from console.main import COMMANDS, ISSUES, app
from tests.console.commandline import run
from tests.console.test_inject import CART
from webhook.languages import LANGUAGES
from webhook.settings import VERSION

_FOLDER = Path(version.__file__).parent


def test_every_module_is_a_command() -> None:
    """The table lists exactly the modules of the folder."""
    modules = {path.stem for path in _FOLDER.glob("*.py")} - {"__init__"}

    assert {name.replace("-", "_") for name in COMMANDS} == modules


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str) -> None:
    """Each command says what it does, and its help is shown without doing it."""
    in_code = name.replace("-", "_")
    function = getattr(import_module(f"console.commands.{in_code}"), in_code)

    ran = run(name, "--help")

    assert ran.code == 0
    assert (getdoc(function) or "").split(".")[0].split()[0] in ran.text


def test_help_lists_the_commands_in_order() -> None:
    """`spanhook --help` shows every command."""
    text = run("--help").text

    places = [text.index(f" {name} ") for name in COMMANDS]
    assert places == sorted(places)


@pytest.mark.parametrize("arguments", [(), ("nothing",), ("--nothing",), ("inject", "--nothing")])
def test_wrong_use_is_two(arguments: tuple[str, ...]) -> None:
    """Wrong use has an exit code of its own and nothing on stdout but help."""
    assert run(*arguments).code == 2


def test_version() -> None:
    """The version alone, for people, and for programs."""
    assert run("--version").text == f"spanhook {VERSION}\n"
    assert f"spanhook   {VERSION}\n" in run("version").text
    assert json.loads(run("version", "-o", "json").text) == {
        "version": VERSION,
        "python": ".".join(map(str, sys.version_info[:3])),
        "languages": [language.name for language in LANGUAGES],
    }


def test_an_unexpected_error_is_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody gets a stack trace; the line says where to report it."""
    # In this order: a module imported in between would keep the other's None for good.
    monkeypatch.setattr("console.deciding.bundle", None)
    monkeypatch.setattr("console.manifests.bundle.bundle", None)

    ran = run("inject", stdin="a: 1\n")

    assert ran.code == 1
    assert ran.stderr.startswith("spanhook: unexpected TypeError: ")
    assert ISSUES in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


def test_debugging_shows_where_it_came_from(monkeypatch: pytest.MonkeyPatch) -> None:
    """With SPANHOOK_DEBUG the error itself comes out."""
    monkeypatch.setattr("console.deciding.bundle", None)
    monkeypatch.setenv("SPANHOOK_DEBUG", "1")

    with pytest.raises(TypeError):
        run_raising()


def run_raising() -> None:
    """Run a command with errors that are not turned into exit codes."""
    get_command(app)(["inject", "-f", __file__], prog_name="spanhook")


def test_a_failure_of_the_core_is_said_with_its_pod(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the webhook would let through unchanged is an error on the command line."""
    monkeypatch.setattr("webhook.mutate._mutate", lambda *_: 1 / 0)

    ran = run("inject", stdin=CART)

    assert (ran.code, ran.stdout) == (1, b"")
    assert "stdin:1, document 1: Deployment cart: Spanhook failed on this pod" in ran.stderr


def test_the_module_is_the_command() -> None:
    """`python -m console` runs the same command line, as a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "console", "version"], capture_output=True, text=True, check=True
    )

    assert f"spanhook   {VERSION}\n" in done.stdout


def test_serving_imports_nothing_for_terminals() -> None:
    """Until a command needs it, neither rich nor the YAML reader is loaded: memory is limited."""
    program = (
        "import sys; from typer.main import get_command; from console.main import app;"
        "get_command(app).get_command(None, 'serve');"
        "print(*sorted({'rich', 'ruamel.yaml', 'jsonpatch'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.split() == []


def test_completion_knows_commands_and_options() -> None:
    """A shell's completion gets the commands from the same table."""
    done = subprocess.run(
        [sys.executable, "-m", "console"],
        capture_output=True,
        text=True,
        check=True,
        env={
            "_SPANHOOK_COMPLETE": "complete_bash",
            "COMP_WORDS": "spanhook un",
            "COMP_CWORD": "1",
        },
    )

    assert done.stdout.split() == ["uninject"]
