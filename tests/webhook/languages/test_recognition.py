"""Every language is recognised by its command line, its image variables and its official image."""

import inspect

import pytest

from webhook import versions
from webhook.commandline import programs
from webhook.images.configuration import read
from webhook.images.reference import parse
from webhook.images.repositories import of_reference
from webhook.language import Language
from webhook.languages import LANGUAGES
from webhook.reasons import EXPLANATIONS, Reason
from webhook.settings import Settings

# Language → a command line, a variable of its base images, an official image.
_SIGNS = {
    "java": (["java", "-jar", "app.jar"], "JAVA_VERSION=jdk-21.0.4+7", "eclipse-temurin:21-jre"),
    "python": (["python3", "app.py"], "PYTHON_VERSION=3.13.1", "python:3.13"),
    "nodejs": (["node", "server.js"], "NODE_VERSION=22.23.2", "node:22"),
    "dotnet": (
        ["dotnet", "App.dll"],
        "DOTNET_VERSION=8.0.11",
        "mcr.microsoft.com/dotnet/aspnet:8.0",
    ),
    "go": (["/ko-app/stock"], "GOLANG_VERSION=1.26.7", "golang:1.26"),
}


every = pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.name)


@every
def test_every_language_is_recognised(language: Language) -> None:
    """Each of the three kinds of sign alone decides on the language."""
    argv, variable, image = _SIGNS[language.name]

    evidence = (*read({"config": {"Env": [variable]}}).evidence, *of_reference(parse(image)))

    assert [language.name] == [program.language for program in programs(argv)]
    assert {language.name} == {e.language for e in evidence if e.language and e.decides}
    assert {"image", "repository"} == {e.source.value for e in evidence if e.decides}


@every
def test_every_version_is_read(language: Language) -> None:
    """What an image says of its runtime's version compares with the oldest that is served."""
    _, variable, image = _SIGNS[language.name]

    evidence = (*read({"config": {"Env": [variable]}}).evidence, *of_reference(parse(image)))

    told = [versions.parse(e.version) for e in evidence if e.decides]
    assert [version >= language.oldest for version in told if version] == [True] * len(told)


@every
def test_people_are_told(language: Language) -> None:
    """Who reads why a container was skipped, or what can be set, finds the language named."""
    assert language.title in EXPLANATIONS[Reason.LANGUAGE_UNSUPPORTED].remedy
    assert f"`{language.name}`" in inspect.getsource(Settings)
