"""Which command lines layers are asked about."""

from dataclasses import replace

import pytest

from inspection.judgement import judge
from inspection.starts import start
from tests.webhook.examples import image
from webhook.images.command import command_key
from webhook.model import Evidence, Source


def test_where_nothing_decides() -> None:
    """A program that tells nothing is looked for, where the image says that it may lie."""
    found = start({}, replace(image("orders", PATH="/opt/bin:/bin"), working_directory="/srv"))

    assert found is not None
    assert found.argv == ("orders",)
    assert found.places("orders") == ("opt/bin/orders", "bin/orders")
    assert found.working_directory == "/srv"
    assert found.key == command_key(["orders"])


def test_the_pods_words_count() -> None:
    """The container's own command, folder and PATH stand before the image's, in the key too."""
    container = {
        "command": ["run"],
        "workingDir": "/here",
        "env": [{"name": "PATH", "value": "/there"}],
    }
    found = start(container, image("orders", PATH="/opt/bin"))

    assert found is not None
    assert found.argv == ("run",)
    assert found.places("./run") == ("here/run",)
    assert found.places("run") == ("there/run",)
    assert found.key == command_key(["run"], container)


@pytest.mark.parametrize(
    "argv", [["python", "app.py"], ["nginx"], [], ["sh", "-c", "java -jar a.jar & node b.js"]]
)
def test_where_something_decides(argv: list[str]) -> None:
    """What the command line tells, one of ours or not, is not looked for."""
    assert start({}, image(*argv)) is None


def test_a_version_that_is_needed() -> None:
    """.NET is known, its version is not: the agent needs it."""
    found = start({}, image("dotnet", "Orders.dll"))

    assert found is not None
    assert found.version is None
    assert judge({}, image("dotnet", "Orders.dll")).lacks_version
    assert start({}, image("dotnet", "Orders.dll", DOTNET_VERSION="9.0.4")) is None


def test_what_the_layers_told_already() -> None:
    """A command line that was asked about is not asked about again."""
    one = image("/app/run")
    told = Evidence(Source.LAYERS, "seen", "go")

    assert start({}, replace(one, layers={command_key(["/app/run"]): (told,)})) is None
    assert start({}, replace(one, layers={command_key(["/other"]): (told,)})) is not None


def test_an_entry_that_is_not_known() -> None:
    """Where it is not known what is started, there is nothing to look for."""
    unknown = replace(image(), entry_known=False)

    assert start({}, unknown) is None
    assert start({"args": ["x"]}, unknown) is None
    assert start({"command": ["/x"]}, unknown) is not None
