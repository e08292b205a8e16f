"""Hints in the environment that a pod sets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webhook import hints
from webhook.languages import BY_NAME
from webhook.model import Source

HINTS = [
    (["JAVA_OPTS"], ["java"]),
    (["JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"], ["java"]),
    (["SPRING_PROFILES_ACTIVE"], ["java"]),
    (["CATALINA_OPTS"], ["java"]),
    (["PYTHONUNBUFFERED"], ["python"]),
    (["DJANGO_SETTINGS_MODULE"], ["python"]),
    (["GUNICORN_CMD_ARGS"], ["python"]),
    (["NODE_ENV"], ["nodejs"]),
    (["NPM_CONFIG_LOGLEVEL"], ["nodejs"]),
    (["npm_config_cache"], ["nodejs"]),
    (["ASPNETCORE_URLS"], ["dotnet"]),
    (["DOTNET_gcServer"], ["dotnet"]),
    (["GOMEMLIMIT"], ["go"]),
    (["RAILS_ENV"], ["~Ruby"]),
    (["NODE_ENV", "JAVA_OPTS"], ["nodejs", "java"]),
    # the machine's, from the downward API
    (["NODE_NAME", "NODE_IP", "NODE_PORT"], []),
    (["PORT", "DATABASE_URL", "OTEL_SERVICE_NAME", "java_opts", "MY_JAVA_OPTS", ""], []),
]


@pytest.mark.parametrize(("names", "languages"), HINTS)
def test_of_names(names: list[str], languages: list[str]) -> None:
    """A variable that one runtime reads is a hint for it, and none decides."""
    evidence = hints.of_names(names, Source.ENVIRONMENT)

    assert languages == [piece.language for piece in evidence]
    assert not any(piece.decides or piece.version or piece.libc for piece in evidence)
    assert all(piece.source is Source.ENVIRONMENT for piece in evidence)


def test_fact() -> None:
    """The fact names the first variable that speaks for the language, and where it stands."""
    (evidence,) = hints.of_names(["JAVA_OPTS", "JVM_OPTS"], Source.ENVIRONMENT)

    assert evidence.fact == "JAVA_OPTS in the pod's environment"


def test_of_names_in_an_image() -> None:
    """The same names in an image are evidence of the image."""
    (evidence,) = hints.of_names(["NODE_ENV"], Source.IMAGE)

    assert evidence.source is Source.IMAGE
    assert evidence.fact == "NODE_ENV in the image's environment"


@given(
    st.lists(st.text(max_size=20) | st.sampled_from([name for names, _ in HINTS for name in names]))
)
def test_any_names(names: list[str]) -> None:
    """Any names give at most one weak hint for a language that is known."""
    evidence = hints.of_names(names, Source.ENVIRONMENT)

    languages = [piece.language or "" for piece in evidence]
    assert len(languages) == len(set(languages))
    assert all(language in BY_NAME or language.startswith("~") for language in languages)
