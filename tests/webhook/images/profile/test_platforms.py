from dataclasses import replace
from typing import Any

import pytest

from tests.webhook import tables
from tests.webhook.examples import container, pod
from tests.webhook.images.profile.examples import KEY, over_the_wire, platform, profile, seen
from webhook.images.profile import Command, PlatformFacts, image, platforms
from webhook.model import Context, Decision, Facts, Image, Inject, Skip
from webhook.mutate import mutate
from webhook.settings import Settings

AMD64, ARM64 = "linux/amd64", "linux/arm64"


def _on(name: str, **configuration: Any) -> PlatformFacts:
    facts = platform(name=name, **configuration)
    return replace(facts, image=replace(facts.image, architecture=name.rpartition("/")[2]))


def _joined(first: dict[str, Any], second: dict[str, Any]) -> Image:
    both = profile(_on(AMD64, **first), _on(ARM64, **second))
    return image(over_the_wire(both))


def _decided(known: Image, **fields: Any) -> Decision:
    facts = Facts(images={"docker.io/acme/cart:1": known})
    one = pod(container("acme/cart:1", **fields))
    outcome = mutate(one, Context(opted_in=True), facts, Settings())
    assert outcome.failure is None
    return outcome.decisions[0].decision


JAVA = {"Env": ["JAVA_VERSION=21.0.9"], "Cmd": ["java", "-jar", "a.jar"]}
PYTHON = {"Env": ["PYTHON_VERSION=3.13.1"], "Cmd": ["python3", "a.py"]}
UNTOLD = {"Cmd": ["/start.sh"]}

# What the platforms do, of two → language, version and reason of a container.
ROWS: list[tuple[str, dict[str, Any], dict[str, Any], tuple[str | None, ...]]] = [
    ("say the same", JAVA, JAVA, ("java", "21.0.9", None)),
    (
        "have different evidence",
        {"Env": ["JAVA_VERSION=21.0.9"], **UNTOLD},
        {"Env": ["PYTHON_VERSION=3.13.1"], **UNTOLD},
        (None, None, "Ambiguous"),
    ),
    (
        "have different versions of a language",
        JAVA,
        {**JAVA, "Env": ["JAVA_VERSION=17.0.1"]},
        ("java", None, None),
    ),
    (
        "have different versions of a language",
        {"Env": ["DOTNET_VERSION=8.0.1"], "Cmd": ["dotnet", "A.dll"]},
        {"Env": ["DOTNET_VERSION=6.0.1"], "Cmd": ["dotnet", "A.dll"]},
        ("dotnet", None, "VersionUnknown"),
    ),
    (
        "start the same kind of program",
        {**JAVA, "Cmd": ["/opt/amd64/bin/java", "-jar", "a.jar"]},
        {**JAVA, "Cmd": ["/opt/arm64/bin/java", "-jar", "a.jar"]},
        ("java", "21.0.9", None),
    ),
    ("start different kinds of programs", JAVA, PYTHON, (None, None, "Ambiguous")),
    ("start different kinds of programs", JAVA, UNTOLD, (None, None, "Ambiguous")),
    ("start different kinds of programs", PYTHON, {}, (None, None, "Ambiguous")),
    ("start different kinds of programs", PYTHON, {"Cmd": ["nginx"]}, (None, None, "Ambiguous")),
    (
        "start different kinds of programs",
        {"Cmd": ["redis-server"]},
        {"Cmd": ["nginx"]},
        (None, None, "LanguageUnsupported"),
    ),
    (
        "start different kinds of programs",
        {"Cmd": ["/app/web"], "Env": ["NODE_VERSION=22.1.0"]},
        {"Cmd": ["web.sh"], "Env": ["NODE_VERSION=22.1.0"]},
        (None, None, "LanguageUnknown"),
    ),
    (
        "have different values of a variable",
        {**JAVA, "Env": ["JAVA_TOOL_OPTIONS=-Xmx1g"]},
        {**JAVA, "Env": ["JAVA_TOOL_OPTIONS=-Xmx2g"]},
        ("java", None, "VariableConflict"),
    ),
    (
        "have different values of a variable",
        {**JAVA, "Env": ["PATH=/usr/lib/x86_64/bin"]},
        {**JAVA, "Env": ["PATH=/usr/lib/aarch64/bin"]},
        ("java", None, None),
    ),
]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [pytest.param(*row[1:], id=f"{n}: {row[0]}") for n, row in enumerate(ROWS)],
)
def test_rows(
    first: dict[str, Any], second: dict[str, Any], expected: tuple[str | None, ...]
) -> None:
    """What a container gets of an image whose platforms agree, or do not; in either order."""
    for known in (_joined(first, second), _joined(second, first)):
        decision = _decided(known)

        reason = decision.reason.value if isinstance(decision, Skip) else None
        assert (decision.language, decision.version, reason) == expected


def test_same_rows() -> None:
    """The table in the docstring has the rows of the test."""
    assert [row[0] for row in tables.rows(platforms)] == list(dict.fromkeys(r[0] for r in ROWS))


def test_sides_are_named() -> None:
    """Whoever reads why it is ambiguous sees which platform says what."""
    decision = _decided(_joined(JAVA, PYTHON))

    assert isinstance(decision, Skip)
    for side in (
        "Java (it starts java on linux/amd64)",
        "Python (it starts python3 on linux/arm64",
    ):
        assert side in decision.message


def test_a_command_of_the_pod_s_own() -> None:
    """Where the pod says what it starts, the entrypoints do not count."""
    decision = _decided(_joined(JAVA, PYTHON), command=["python3", "b.py"])

    assert isinstance(decision, Inject)
    assert (decision.language, decision.version) == ("python", "3.13.1")


def test_arguments_of_the_pod_s_own() -> None:
    """Arguments are for whatever the entrypoint is: they decide as little as without the image."""
    known = _joined({"Entrypoint": ["/usr/bin/java"]}, {"Entrypoint": ["/usr/bin/python3"]})

    decision = _decided(known, args=["serve"])

    assert isinstance(decision, Skip)
    assert decision.reason == "Ambiguous"


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ((), "Ambiguous"),
        ((AMD64,), "java"),
        ((ARM64,), "python"),
        ((AMD64, ARM64), "Ambiguous"),
        (("linux/s390x",), "Ambiguous"),
        (("linux/s390x", ARM64), "python"),
    ],
)
def test_platforms_asked_for(asked: tuple[str, ...], expected: str) -> None:
    """Only those that are asked for count; all where the image has none of them."""
    both = profile(_on(AMD64, **JAVA), _on(ARM64, **PYTHON))

    decision = _decided(image(both, asked))

    found = decision.reason if isinstance(decision, Skip) else decision.language
    assert found == expected


def test_one_platform() -> None:
    """The image of one platform is what its facts say, with what layers tell."""
    facts = _on(AMD64, **JAVA, User="1000", WorkingDir="/srv")
    told = (seen("/app/web is a Go program", "go"),)
    commands = (Command(KEY, told), Command("4" * 64, (), state="undecided"))

    found = image(profile(facts, commands=commands))

    assert found == replace(facts.image, layers={KEY: told})


def test_no_platform() -> None:
    """Of a profile without platforms nothing is known: not even that it starts nothing."""
    found = image(replace(profile(), platforms=()))

    assert (found.evidence, found.entry_known) == ((), False)


def test_versions_of_one_platform() -> None:
    """The version that decides is compared: further evidence of the same platform is its own."""
    both = {"Env": ["JAVA_VERSION=21.0.9", "JAVA_HOME=/usr/lib/jvm/java-17"], **UNTOLD}

    decision = _decided(_joined(both, both))

    assert (decision.language, decision.version) == ("java", "21.0.9")
