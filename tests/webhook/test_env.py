from typing import Any

import pytest

from tests.webhook import tables
from tests.webhook.examples import IMAGES, WANTED, candidate, container, image, variables
from webhook import env
from webhook.env import plan
from webhook.language import Language, Merge
from webhook.languages import LANGUAGES
from webhook.merge import EnvPlan
from webhook.model import Facts, Skip
from webhook.reasons import Reason
from webhook.settings import Settings

SECRET = [{"secretRef": {"name": "s"}}]
KEY = {
    "java": "JAVA_TOOL_OPTIONS",
    "python": "PYTHONPATH",
    "nodejs": "NODE_OPTIONS",
    "dotnet": "DOTNET_STARTUP_HOOKS",
}
INJECTED = [language for language in LANGUAGES if language.variables]


def _plan(language: str, settings: Settings | None = None, **fields: Any) -> EnvPlan | Skip:
    return plan(candidate(container(IMAGES[language], **fields), settings=settings), WANTED)


def _planned(language: str, settings: Settings | None = None, **fields: Any) -> EnvPlan:
    found = _plan(language, settings, **fields)
    assert isinstance(found, EnvPlan), found
    return found


def _values(found: EnvPlan) -> dict[str, Any]:
    return {e["name"]: e.get("value") for e in (*found.ahead, *found.behind)}


# The setting, the language → what is written, None for Skip(EnvFromUnknown), and the warning.
ROWS: list[tuple[str, str, str | None, str]] = [
    (
        "inject-with-warning",
        "java",
        "-javaagent:/spanhook/java/javaagent.jar",
        "were JAVA_TOOL_OPTIONS or another",
    ),
    (
        "inject-with-warning",
        "nodejs",
        "--require /spanhook/nodejs/bootstrap.js",
        "were NODE_OPTIONS or another",
    ),
    (
        "inject-with-warning",
        "dotnet",
        "/spanhook/dotnet/net/OpenTelemetry.AutoInstrumentation.StartupHook.dll",
        "were CORECLR_ENABLE_PROFILING or another",
    ),
    (
        "inject-with-warning",
        "python",
        "/spanhook/python:$(PYTHONPATH)",
        "were OTEL_SERVICE_NAME or another",
    ),
    ("skip", "java", None, ""),
    ("skip", "nodejs", None, ""),
    ("skip", "dotnet", None, ""),
    ("skip", "python", "/spanhook/python:$(PYTHONPATH)", "were OTEL_SERVICE_NAME or another"),
]


@pytest.mark.parametrize(("setting", "language", "expected", "warning"), ROWS)
def test_env_from_unknown(setting: Any, language: str, expected: str | None, warning: str) -> None:
    """What is done where a source that is not read could hold the variable."""
    found = _plan(language, Settings(env_from_unknown=setting), envFrom=SECRET)
    if expected is None:
        assert isinstance(found, Skip)
        assert found.reason is Reason.ENV_FROM_UNKNOWN
        assert found.message.startswith('Secret "s" is not read and could hold')
        return

    assert isinstance(found, EnvPlan)
    assert _values(found)[KEY[language]] == expected
    (note,) = found.notes
    assert note.startswith('EnvFromUnknown: Secret "s" is not read')
    assert warning in note


def test_same_rows() -> None:
    """The table in the docstring has the settings of the test."""
    settings = list(dict.fromkeys(row[0] for row in ROWS))

    assert [row[0] for row in tables.rows(env)] == settings


@pytest.mark.parametrize("language", INJECTED, ids=lambda language: language.name)
def test_set_in_env_is_known(language: Language) -> None:
    """A variable that stands in env overrides whatever envFrom holds."""
    merged = [v.name for v in language.variables if v.merge is not Merge.KEEP]
    set_in_env = variables(**dict.fromkeys(merged, "x"))
    skip = Settings(env_from_unknown="skip")
    found = _planned(language.name, skip, envFrom=SECRET, env=set_in_env)

    assert [m.name for m in found.merged] == merged


def test_python_path_of_image_and_secret() -> None:
    """What the image has stands behind what a Secret may have."""
    facts = Facts(images={"docker.io/library/python:3.12": image("python", PYTHONPATH="/$a")})
    found = plan(candidate(container(envFrom=SECRET), facts), WANTED)

    assert isinstance(found, EnvPlan)
    assert _values(found)["PYTHONPATH"] == "/spanhook/python:$(PYTHONPATH):/$$a"


@pytest.mark.parametrize(
    ("tag", "length", "expected"),
    [
        ("eclipse-temurin:8", 1024, True),
        ("eclipse-temurin:8", 1025, False),
        ("acme/unknown", 1025, False),
        ("eclipse-temurin:9", 1025, True),
        ("eclipse-temurin:21", 100_000, True),
    ],
)
def test_length(tag: str, length: int, expected: bool) -> None:
    """Java 8, or a Java of unknown version, gets no variable that Java 8 would drop."""
    rest = length - len(" -javaagent:/spanhook/java/javaagent.jar")
    one = container(
        tag, command=["java", "-jar", "a.jar"], env=variables(JAVA_TOOL_OPTIONS="x" * rest)
    )
    found = plan(candidate(one), WANTED)

    assert isinstance(found, EnvPlan) == expected
    assert isinstance(found, EnvPlan) or found.reason is Reason.VARIABLE_TOO_LONG


def test_keep() -> None:
    """A variable that is the user's to set stays as they set it."""
    detectors = variables(OTEL_NODE_RESOURCE_DETECTORS="all")

    assert "OTEL_NODE_RESOURCE_DETECTORS" not in _values(_planned("nodejs", env=detectors))
    assert "OTEL_NODE_RESOURCE_DETECTORS" in _values(_planned("nodejs"))


def test_downward_stands_behind() -> None:
    """Where only our own entries refer to the pod's name, it stands with them."""
    found = _planned("python", env=variables(A="b"))

    assert found.ahead == []
    assert found.behind[0]["name"] == "SPANHOOK_POD_NAME"


def test_downward_stands_ahead() -> None:
    """Where a merged entry of the user's refers to it, it stands before all others."""
    found = _planned("python", env=variables(OTEL_RESOURCE_ATTRIBUTES="a=b"))

    assert [entry["name"] for entry in found.ahead] == ["SPANHOOK_POD_NAME"]
    assert "SPANHOOK_POD_NAME" not in [entry["name"] for entry in found.behind]


def test_only_what_is_referred_to() -> None:
    """Of the downward API only what something refers to is written."""
    found = _planned("python", Settings(endpoint="http://$(SPANHOOK_NODE_IP):4318"))

    names = [entry["name"] for entry in found.behind if entry["name"].startswith("SPANHOOK_")]
    assert names == ["SPANHOOK_POD_NAME", "SPANHOOK_NODE_IP"]


def test_name_taken() -> None:
    """A variable of the user's under one of our names keeps us out."""
    found = _plan("python", env=variables(SPANHOOK_POD_NAME="mine"))

    assert isinstance(found, Skip)
    assert found.reason is Reason.NAME_TAKEN


def test_unused_name_is_free() -> None:
    """A name of ours that nothing refers to may be the user's."""
    assert isinstance(_plan("python", env=variables(SPANHOOK_NODE_IP="mine")), EnvPlan)


@pytest.mark.parametrize("language", list(KEY))
def test_references_come_later(language: str) -> None:
    """Whatever refers to a variable of ours stands behind it, as the kubelet needs it."""
    found = _planned(language, env=variables(A="$(SPANHOOK_POD_NAME)"))
    seen: set[str] = set()
    for entry in found.behind:
        for name in ("SPANHOOK_POD_NAME", "SPANHOOK_POD_UID"):
            assert f"$({name})" not in entry.get("value", "") or name in seen
        seen.add(entry["name"])
