from typing import Any

import pytest

from tests.webhook.examples import container, image
from webhook.annotations import Choice
from webhook.commandline import resolve
from webhook.evidence import gather, image_of
from webhook.model import Facts, Image, Source

KNOWN = image("python", "app.py", PYTHON_VERSION="3.12.1")


def _seen(one: Any, known: Image | None = None) -> list[tuple[str, str | None, bool]]:
    names = [entry["name"] for entry in one.get("env") or ()]
    evidence, _ = gather(one, resolve(one, known), known, (), names)
    return [(e.source.value, e.language, e.decides) for e in evidence]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("acme/cart", True),
        ("docker.io/acme/cart:latest", True),
        ("index.docker.io/acme/cart:latest", True),
        ("acme/cart:other", False),
        ("NOT AN IMAGE", False),
        ("", False),
        (None, False),
    ],
)
def test_image_of(text: str | None, found: bool) -> None:
    """An image is known by its canonical reference, however it is spelled."""
    facts = Facts(images={"docker.io/acme/cart:latest": KNOWN})

    assert (image_of({"image": text}, facts) is KNOWN) == found
    assert image_of({"image": text}, Facts()) is None


def test_in_order_of_trust() -> None:
    """All evidence is kept, the most trusted first."""
    one = container("node:22", command=["java", "-jar", "a.jar"])
    line, choices = resolve(one, KNOWN), (Choice("dotnet", "said"),)
    evidence, programs = gather(one, line, KNOWN, choices, ["FLASK_ENV"])

    assert [(e.source, e.language) for e in evidence] == [
        (Source.ANNOTATION, "dotnet"),
        (Source.COMMAND, "java"),
        (Source.IMAGE, "python"),
        (Source.ENVIRONMENT, "python"),
        (Source.REPOSITORY, "nodejs"),
    ]
    assert [program.name for program in programs] == ["java"]


def test_none_is_no_language() -> None:
    """To be excluded is no evidence of a language."""
    one = container("acme/x")

    evidence, _ = gather(one, resolve(one, None), None, (Choice("none", "said"),), ())

    assert evidence == ()


@pytest.mark.parametrize(
    ("command", "repository"),
    [
        (["/app/server"], ("repository", "python", False)),
        (["supervisord", "-n"], ("repository", "python", False)),
        (["/entrypoint.sh"], ("repository", "python", True)),
    ],
)
def test_limits(command: list[str], repository: tuple[str, str, bool]) -> None:
    """Of a program of its own, or one that starts others, the image's name tells nothing."""
    assert _seen(container("python:3.12", command=command))[-1] == repository


def test_own_program_may_be_dotnet_or_go() -> None:
    """An apphost is one file, and so is a linked Go program."""
    one = container("mcr.microsoft.com/dotnet/aspnet:8.0", command=["/app/Exchange"])

    assert ("repository", "dotnet", True) in _seen(one)


def test_args_alone() -> None:
    """With an unknown entrypoint, a foreign word in args may be anybody's argument."""
    assert _seen(container("acme/x", args=["nginx"])) == []
    assert _seen(container("acme/x", command=["nginx"])) == [("command", "~nginx", True)]


def test_wrappers_are_told() -> None:
    """The evidence says through what the program is started."""
    one = container("acme/x", command=["tini", "--", "node", "a.js"])

    evidence, _ = gather(one, resolve(one, None), None, (), ())

    assert evidence[0].fact.startswith("command starts node")
    assert "(through tini)" in evidence[0].fact


def test_long_command_lines() -> None:
    """A command line that is too long to remember is read all the same."""
    one = container("acme/x", command=["java", *(["-Dx=" + "y" * 100] * 50), "-jar", "a.jar"])

    assert _seen(one) == [("command", "java", True)]


def test_same_command_line_of_other_entrypoint() -> None:
    """What is remembered of a command line knows whether its entrypoint was known."""
    args = container("acme/x", args=["nginx"])

    assert _seen(args, Image()) == [("command", "~nginx", True)]
    assert _seen(args) == []
