"""Decisions about containers whose images were asked for in vain, and what layers add."""

from typing import Any

import pytest

from tests.webhook.examples import container, pod, variables
from webhook.evidence import absence_of
from webhook.images.profile import command_key
from webhook.model import (
    Absence,
    Context,
    Decided,
    Evidence,
    Facts,
    Image,
    Inject,
    Skip,
    Source,
)
from webhook.mutate import mutate
from webhook.reasons import Reason
from webhook.settings import Settings

CART = "docker.io/acme/cart:1"
LATE = Absence(Reason.IMAGE_PENDING, "still being read")
GONE = Absence(Reason.IMAGE_UNREACHABLE, "the registry has no such image")
OPEN: dict[Reason, dict[str, Any]] = {
    Reason.LANGUAGE_UNKNOWN: {"command": ["/start.sh"]},
    Reason.VERSION_UNKNOWN: {"command": ["dotnet", "A.dll"]},
}
CLOSED: dict[Reason, dict[str, Any]] = {
    Reason.LANGUAGE_UNSUPPORTED: {"command": ["nginx"]},
    Reason.RESOURCES_TOO_SMALL: {
        "command": ["java", "-jar", "a.jar"],
        "resources": {"limits": {"memory": "1Mi"}},
    },
    Reason.AMBIGUOUS: {"command": ["sh", "-c", "java -jar a.jar & node b.js"]},
}


def _decided(facts: Facts, **fields: Any) -> Decided:
    outcome = mutate(
        pod(container("acme/cart:1", **fields)), Context(opted_in=True), facts, Settings()
    )
    assert outcome.failure is None
    return outcome.decisions[0]


def _skip(facts: Facts, **fields: Any) -> Skip:
    decision = _decided(facts, **fields).decision
    assert isinstance(decision, Skip)
    return decision


@pytest.mark.parametrize("reason", OPEN)
@pytest.mark.parametrize("absence", [LATE, GONE], ids=["pending", "unreachable"])
def test_open_for_want_of_the_image(reason: Reason, absence: Absence) -> None:
    """What the image could tell is skipped because the image is not there, in its words."""
    before, after = (
        _skip(facts, **OPEN[reason]) for facts in (Facts(), Facts(absent={CART: absence}))
    )

    assert before.reason is reason
    assert (after.reason, after.message) == (absence.reason, absence.message)
    assert (after.language, after.evidence) == (before.language, before.evidence)


@pytest.mark.parametrize("reason", CLOSED)
def test_skipped_for_another_reason(reason: Reason) -> None:
    """What the image cannot change keeps its own reason."""
    assert _skip(Facts(), **CLOSED[reason]) == _skip(Facts(absent={CART: LATE}), **CLOSED[reason])
    assert _skip(Facts(), **CLOSED[reason]).reason is reason


@pytest.mark.parametrize(
    "facts",
    [
        Facts(absent={"docker.io/acme/other:1": LATE}),
        Facts(images={CART: Image()}, absent={CART: LATE}),
    ],
    ids=["of another image", "of one that came after all"],
)
def test_no_absence(facts: Facts) -> None:
    """Only what was asked for and is still not known is absent."""
    assert _skip(facts, command=["/start.sh"]).reason is Reason.LANGUAGE_UNKNOWN
    assert _decided(facts, command=["node", "a.js"]).notes == ()


@pytest.mark.parametrize("text", ["", None, "NOT AN IMAGE"])
def test_no_reference(text: Any) -> None:
    """What has no image's name was never asked for."""
    assert absence_of({"image": text}, Facts(absent={CART: LATE})) is None


@pytest.mark.parametrize(
    ("command", "env", "names"),
    [
        (["java", "-jar", "a"], {}, "JAVA_TOOL_OPTIONS or an OTEL_ variable"),
        (["java", "-jar", "a"], {"JAVA_TOOL_OPTIONS": "-Xss1m"}, "an OTEL_ variable"),
        (["python", "a.py"], {}, "PYTHONPATH or an OTEL_ variable"),
        (["node", "a.js"], {}, "NODE_OPTIONS or an OTEL_ variable"),
    ],
)
@pytest.mark.parametrize("absence", [LATE, GONE], ids=["pending", "unreachable"])
def test_note(absence: Absence, command: list[str], env: dict[str, str], names: str) -> None:
    """Who is injected without the image's environment is told what could be overridden."""
    fields = {"command": command, "env": variables(**env)}
    decided = _decided(Facts(absent={CART: absence}), **fields)

    assert isinstance(decided.decision, Inject)
    (note,) = decided.notes
    assert note == (
        f"{absence.reason}: the image's own environment is not known; were {names} in it, ours"
        " would override it"
    )
    assert _decided(Facts(), **fields).notes == ()


def test_no_note_for_go() -> None:
    """A Go container stays as it is: nothing is overridden."""
    decided = _decided(Facts(absent={CART: LATE}), command=["/ko-app/stock"])

    assert isinstance(decided.decision, Inject)
    assert decided.notes == ()


# What the layers tell.


def _told(*argv: str, of: Image | None = None, **layers: Evidence) -> Facts:
    known = of or Image()
    image = Image(
        known.entrypoint,
        known.cmd,
        evidence=known.evidence,
        layers={command_key(argv, {"image": CART}): tuple(layers.values())},
    )
    return Facts(images={CART: image})


PYTHON = Evidence(Source.LAYERS, "the script /start.sh starts gunicorn", "python", "3.13")
KEY = command_key(["/start.sh"], {"image": CART})
EVIL = {"image": "evil.example/acme/cart:1"}
GO = Evidence(Source.LAYERS, "/usr/bin/web is a Go program", "go")


@pytest.mark.parametrize(
    ("fields", "language"),
    [
        ({"command": ["/start.sh"]}, "python"),
        ({"command": ["/start.sh", "--fast"]}, None),
        ({"command": ["/other.sh"]}, None),
        ({"args": ["/start.sh"]}, "python"),
        ({}, None),
        ({"command": ["/start.sh"], "workingDir": "/srv"}, None),
        ({"command": ["/start.sh"], "env": variables(PATH="/srv")}, None),
    ],
)
def test_layers(fields: dict[str, Any], language: str | None) -> None:
    """What the layers tell holds for the command line that they were asked about."""
    decision = _decided(_told("/start.sh", x=PYTHON), **fields).decision

    assert (decision.language, decision.version) == (language, language and "3.13")


def test_layers_against_the_configuration() -> None:
    """An image that is built for one language and starts another is not guessed about."""
    known = Image(cmd=("web",), evidence=(Evidence(Source.IMAGE, "NODE_VERSION", "nodejs"),))

    assert _skip(_told("web", of=known, x=GO)).reason is Reason.AMBIGUOUS


def test_layers_tell_a_version() -> None:
    """Where the command line tells the language, and nothing its version, the layers do."""
    version = Evidence(Source.LAYERS, "runtimeconfig", "dotnet", "8.0.1", decides=False)
    libc = Evidence(Source.LAYERS, "the interpreter", libc="musl")
    facts = _told("dotnet", "A.dll", x=version, y=libc)

    decision = _decided(facts, command=["dotnet", "A.dll"]).decision

    assert isinstance(decision, Inject)
    assert (decision.version, decision.libc) == ("8.0.1", "musl")


def test_layers_of_another_repository() -> None:
    """What a registry served as an image's layers holds for what is pulled from there alone."""
    image = Image(("/start.sh",), layers={KEY: (PYTHON,)})
    forged = Image(("/start.sh",), layers={command_key(["/start.sh"], EVIL): (PYTHON,)})

    assert _decided(Facts(images={CART: image})).decision.language == "python"
    assert _skip(Facts(images={CART: forged})).reason is Reason.LANGUAGE_UNKNOWN


def test_layers_of_an_unknown_entry() -> None:
    """Arguments alone are no command line: what is told of one with the same words is not used."""
    known = Image(entry_known=False, layers={KEY: (PYTHON,)})

    assert _skip(Facts(images={CART: known}), args=["/start.sh"]).reason is Reason.LANGUAGE_UNKNOWN
