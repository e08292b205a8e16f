from typing import Any

import pytest

from tests.webhook import tables
from tests.webhook.examples import IMAGES, container, pod, question, variables
from webhook import fitness
from webhook.decide import decide
from webhook.images.configuration import read
from webhook.images.reference import canonical
from webhook.languages import LANGUAGES
from webhook.model import Facts, Json, Skip
from webhook.reasons import Reason
from webhook.settings import LanguageSettings, Settings

_TAGS = {
    "java": ("eclipse-temurin:8", "eclipse-temurin:7", ["java", "-jar", "a.jar"]),
    "python": ("python:3.10", "python:3.9", ["gunicorn", "app:app"]),
    "nodejs": ("node:18.19", "node:18.18", ["node", "a.js"]),
    "dotnet": (
        "mcr.microsoft.com/dotnet/aspnet:8.0",
        "mcr.microsoft.com/dotnet/aspnet:7.0",
        ["dotnet", "A.dll"],
    ),
    "go": ("golang:1.19", "golang:1.18", ["/ko-app/stock"]),
}


def _outcome(one: dict[str, Any], settings: Settings | None = None) -> str:
    answer = decide(question(one, settings=settings))
    return answer.reason.value if isinstance(answer, Skip) else "inject"


ROWS = [
    ("at least", "java", "inject"),
    ("at least", "python", "inject"),
    ("at least", "nodejs", "inject"),
    ("at least", "dotnet", "inject"),
    ("at least", "go", "inject"),
    ("older", "java", "VersionUnsupported"),
    ("older", "python", "VersionUnsupported"),
    ("older", "nodejs", "VersionUnsupported"),
    ("older", "dotnet", "VersionUnsupported"),
    ("older", "go", "VersionUnsupported"),
    ("unknown", "java", "inject"),
    ("unknown", "python", "inject"),
    ("unknown", "nodejs", "inject"),
    ("unknown", "dotnet", "VersionUnknown"),
    ("unknown", "go", "inject"),
]


@pytest.mark.parametrize(("version", "language", "expected"), ROWS)
def test_versions(version: str, language: str, expected: str) -> None:
    """Every language at its oldest version, below it, and without a version."""
    oldest, older, command = _TAGS[language]
    one = {
        "at least": container(oldest),
        "older": container(older),
        "unknown": container("acme/x", command=command),
    }[version]

    assert _outcome(one) == expected


def test_same_rows() -> None:
    """The table in the docstring has the rows of the test, and the oldest versions."""
    at_least, older, unknown = tables.rows(fitness)

    assert at_least == ("at least", *(language.oldest_text for language in LANGUAGES))
    # One cell reaches over all columns.
    assert "".join(older).startswith("olderSkip(VersionUnsupported)")
    assert unknown == ("unknown", *(row[2] for row in ROWS if row[0] == "unknown"))


@pytest.mark.parametrize("language", [x.name for x in LANGUAGES])
def test_language_disabled(language: str) -> None:
    """The settings can turn a language off."""
    settings = Settings(languages={language: LanguageSettings(enabled=False)})

    assert _outcome(container(_TAGS[language][0]), settings) == Reason.LANGUAGE_DISABLED


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        (variables(OTEL_SDK_DISABLED="true"), "SdkDisabled"),
        (variables(OTEL_SDK_DISABLED=" TRUE "), "SdkDisabled"),
        (variables(OTEL_SDK_DISABLED="1"), "inject"),
        (variables(OTEL_SDK_DISABLED=""), "inject"),
        (variables(OTEL_SDK_DISABLED=None), "inject"),
    ],
)
def test_sdk_disabled(env: list[dict[str, Any]], expected: str) -> None:
    """Only "true" turns the SDK off, as its specification says."""
    assert _outcome(container(env=env)) == expected


@pytest.mark.parametrize("language", ["java", "python", "nodejs", "dotnet"])
def test_operator_is_there(language: str) -> None:
    """A container that mounts the operator's agent is left to it, another language's is not."""
    mount = {"name": f"opentelemetry-auto-instrumentation-{language}", "mountPath": "/o"}
    there = container(IMAGES[language], volumeMounts=[mount])
    other = container(IMAGES[language], volumeMounts=[{**mount, "name": "other"}])

    assert _outcome(there) == Reason.ALREADY_INSTRUMENTED
    assert _outcome(other) == "inject"


@pytest.mark.parametrize("language", [x for x in LANGUAGES if x.minimum_memory])
@pytest.mark.parametrize(("missing", "expected"), [(0, "inject"), (1, "ResourcesTooSmall")])
def test_memory_floor(language: Any, missing: int, expected: str) -> None:
    """A memory limit at the language's floor holds the agent, one byte less does not."""
    limits = {"memory": str(language.minimum_memory * 1024 * 1024 - missing)}
    one = container(IMAGES[language.name], resources={"limits": limits})

    assert _outcome(one) == expected


@pytest.mark.parametrize("language", [x for x in LANGUAGES if x.agent_size])
@pytest.mark.parametrize(("missing", "expected"), [(0, "inject"), (1, "ResourcesTooSmall")])
def test_storage_floor(language: Any, missing: int, expected: str) -> None:
    """An ephemeral-storage limit must hold the agent's files."""
    limits = {"ephemeral-storage": language.agent_size * 1024 * 1024 - missing}
    one = container(IMAGES[language.name], resources={"limits": limits})

    assert _outcome(one) == expected


@pytest.mark.parametrize(
    ("limits", "minimum", "expected"),
    [
        ({"memory": "100Mi"}, "200Mi", "ResourcesTooSmall"),
        ({"memory": "16Mi"}, "0", "inject"),
        ({"memory": "not a quantity"}, None, "inject"),
        (None, "200Mi", "inject"),
        ({"cpu": "1m"}, "200Mi", "inject"),
    ],
)
def test_set_floor(limits: Any, minimum: str | None, expected: str) -> None:
    """The settings can move the floor; without a limit there is nothing to hold against it."""
    settings = Settings(languages={"python": LanguageSettings(minimum_memory=minimum)})

    assert _outcome(container(resources={"limits": limits}), settings) == expected


def test_go_stays_as_it_is() -> None:
    """What only concerns a container that is changed does not stop Go."""
    one = container(
        "golang:1.24",
        name="spanhook-agent-go",
        resources={"limits": {"memory": "1Mi"}},
        volumeMounts=[{"name": "x", "mountPath": "/spanhook/go"}],
    )

    assert _outcome(one) == "inject"


@pytest.mark.parametrize(
    ("path", "taken"),
    [
        ("/spanhook/python", True),
        ("/spanhook/python/", True),
        ("/spanhook/python/lib", True),
        ("/spanhook", True),
        ("/spanhook/pythons", False),
        ("/spanhook/java", False),
        ("/spanhook-data", False),
        ("/data/spanhook/python", False),
    ],
)
def test_mount_paths(path: str, taken: bool) -> None:
    """A mount at, in or above our directory is in the way."""
    one = container(volumeMounts=[{"name": "files", "mountPath": path}])

    assert (_outcome(one) == Reason.NAME_TAKEN) == taken


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("PYTHONPATH=/app exec python app.py", "VariablesIgnored"),
        ("PYTHONPATH=/app:$PYTHONPATH exec python app.py", "inject"),
        ("PYTHONPATH=/app:${PYTHONPATH} exec python app.py", "inject"),
        ("PYTHONPATH=/app:$PYTHONPATHS exec python app.py", "VariablesIgnored"),
        ("NODE_OPTIONS=--a exec python app.py", "inject"),
        ("exec python app.py", "inject"),
    ],
)
def test_overridden_on_the_line(line: str, expected: str) -> None:
    """A command line that sets the variable anew drops what we inject."""
    assert _outcome(container(command=["sh", "-c", line])) == expected


@pytest.mark.parametrize("launcher", ["ddtrace-run", "opentelemetry-instrument"])
@pytest.mark.parametrize(
    ("fields", "configuration"),
    [
        ({"command": ["{}", "flask", "run"]}, {}),
        ({"command": ["tini", "--"], "args": ["{}", "flask", "run"]}, {}),
        ({"args": ["{}", "flask", "run"]}, {}),
        ({}, {"Cmd": ["{}", "flask", "run"]}),
        ({}, {"Entrypoint": ["{}"], "Cmd": ["flask", "run"]}),
        ({"args": ["flask", "run"]}, {"Entrypoint": ["{}"]}),
        ({}, {"Entrypoint": ["sh", "-c", "exec {} flask run"]}),
    ],
)
def test_launchers(launcher: str, fields: Json, configuration: Json) -> None:
    """A launcher with an agent of its own counts wherever the command line comes from."""
    one = container(**_filled(fields, launcher))
    images = {canonical(one["image"]): read({"config": _filled(configuration, launcher)})}
    answer = decide(question(one, facts=Facts(images) if configuration else None))

    assert isinstance(answer, Skip)
    assert answer.reason in {Reason.OTHER_AGENT_PRESENT, Reason.ALREADY_INSTRUMENTED}
    assert f"starts {launcher}" in answer.message


def _filled(fields: Json, launcher: str) -> Json:
    return {key: [word.format(launcher) for word in words] for key, words in fields.items()}


def test_order() -> None:
    """The first check that objects is the reason: an agent that is there, before a small limit."""
    one = container(command=["ddtrace-run", "python"], resources={"limits": {"memory": "1Mi"}})
    answer = decide(question(one, pod(one)))

    assert isinstance(answer, Skip)
    assert answer.reason is Reason.OTHER_AGENT_PRESENT
