import copy
import pkgutil
from typing import Any

import pytest

from tests.webhook.examples import CONTEXT, container, mutated, pod, variables
from tests.webhook.standards import effective, quality_of_service, restricted_violations
from webhook import languages, patch
from webhook.annotations import NONE
from webhook.images.reference import parse
from webhook.inject import TOKEN_DIRECTORY
from webhook.language import FILES, MOUNT, Delivery, Language, Merge
from webhook.languages import BY_NAME, LANGUAGES
from webhook.model import Facts, Inject
from webhook.mutate import mutate
from webhook.settings import LanguageSettings, Settings
from webhook.uninject import uninject

every = pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.name)
injected = pytest.mark.parametrize(
    "language", [x for x in LANGUAGES if x.variables], ids=lambda language: language.name
)

# What an agent's configuration may set that is no file of it.
PLAIN = {
    "CORECLR_ENABLE_PROFILING": "1",
    "CORECLR_PROFILER": "{918728DD-259F-4A6A-AC2B-B85E1B658318}",
    "OTEL_NODE_RESOURCE_DETECTORS": "env,host,os,process",
}


def _pod(language: Language, **fields: Any) -> dict[str, Any]:
    """A pod whose container has the language, by annotation, and a version that is new enough."""
    versions = {"dotnet": "mcr.microsoft.com/dotnet/aspnet:9.0"}
    one = container(versions.get(language.name, "acme/app:1"), **fields)
    return pod(one, annotations={"spanhook.dev/languages": f"app={language.name}"})


def test_every_module_is_listed() -> None:
    """Each module of the folder gives one language of the list, named like it."""
    modules = {module.name for module in pkgutil.iter_modules(languages.__path__)}

    assert {language.name for language in LANGUAGES} == modules
    assert {language.name: language for language in LANGUAGES} == BY_NAME


def test_unique() -> None:
    """Names, titles, agents and the variables that load them are one language's only."""
    for values in (
        [x.name for x in LANGUAGES],
        [x.title for x in LANGUAGES],
        [x.agent for x in LANGUAGES],
        [v.name for x in LANGUAGES for v in x.variables],
    ):
        assert len(values) == len(set(values))


@every
def test_name(language: Language) -> None:
    """A name is a DNS label behind our prefix, and no word that annotations use."""
    assert language.agent.replace("-", "").isalnum()
    assert language.agent == language.agent.lower()
    assert len(language.agent) <= 63
    assert language.name not in {NONE, "*"}


@every
def test_oldest(language: Language) -> None:
    """The oldest version is one or two numbers, and reads like a version."""
    assert 1 <= len(language.oldest) <= 2
    assert all(0 < number < 100 for number in language.oldest)
    assert language.oldest_text == ".".join(map(str, language.oldest))


@every
def test_delivery(language: Language) -> None:
    """What comes by init container has an image, files, variables and floors; else nothing."""
    by_init_container = language.delivery is Delivery.INIT_CONTAINER

    assert bool(language.image) == by_init_container
    assert bool(language.variables) == by_init_container
    assert (10 <= language.agent_size <= 250) == by_init_container
    assert (32 <= language.minimum_memory <= 512) == by_init_container
    assert (0 < language.start_seconds <= 30) == by_init_container


@injected
def test_image(language: Language) -> None:
    """The image is a reference with a version: neither `latest` nor nothing."""
    reference = parse(language.image)

    assert "." in reference.domain
    assert reference.digest or reference.tag not in {None, "latest"}


@injected
def test_variables(language: Language) -> None:
    """Every value is a plain text, and names files under the language's own directory alone."""
    for variable in language.variables:
        for value in filter(None, (variable.value, variable.musl)):
            assert "$" not in value
            if variable.name in PLAIN:
                assert value == PLAIN[variable.name]
                continue
            path = value[value.index("/") :]
            assert path == language.directory or path.startswith(f"{language.directory}/")
            assert value.count(MOUNT) == 1


@injected
def test_something_loads_the_agent(language: Language) -> None:
    """At least one variable is merged: it is the one that makes the runtime load the agent."""
    merged = [v for v in language.variables if v.merge is not Merge.KEEP]

    assert merged
    assert all(v.separator in {" ", ":", ","} for v in merged)
    assert all(v.longest_until for v in merged if v.longest)


@injected
def test_harmless_text(language: Language) -> None:
    """Only where an unresolved reference does no harm is one written on suspicion."""
    assert [v.name for v in language.variables if v.text_is_harmless] == (
        ["PYTHONPATH"] if language.name == "python" else []
    )


@every
def test_invariants(language: Language) -> None:
    """Applied, applied again and taken back: the promises hold for the language."""
    merged = {v.name: "user" for v in language.variables if v.merge is not Merge.KEEP}
    limits = {"cpu": "1", "memory": "1Gi", "ephemeral-storage": "1Gi"}
    whole = _pod(
        language,
        env=variables(A="b", OTEL_RESOURCE_ATTRIBUTES="team=a", **merged),
        resources={"limits": limits, "requests": limits},
        volumeMounts=[{"name": "data", "mountPath": "/data"}],
    )
    once, outcome = mutated(whole)

    assert [type(d.decision) for d in outcome.decisions] == [Inject], outcome.decisions
    assert mutate(once, CONTEXT, Facts(), Settings()).operations == ()
    assert patch.apply(copy.deepcopy(once), uninject(once).operations) == whole
    for kind in ("requests", "limits"):
        assert effective(once, kind) == effective(whole, kind)
    assert quality_of_service(once) == "Guaranteed"
    for name, value in merged.items():
        (entry,) = [e for e in once["spec"]["containers"][0]["env"] if e["name"] == name]
        assert value in entry["value"]
        assert language.directory in entry["value"]


@injected
def test_init_container(language: Language) -> None:
    """The agent comes from its image into its volume, under the restricted standard."""
    once, _ = mutated(_pod(language))
    (agent,) = once["spec"]["initContainers"]
    (volume,) = once["spec"]["volumes"]

    assert restricted_violations(once, agent) == []
    assert agent["image"] == language.image
    assert agent["command"] == ["cp", "-r", f"{FILES}/.", language.directory]
    assert agent["volumeMounts"] == [
        {"name": language.agent, "mountPath": language.directory},
        {"name": language.agent, "mountPath": TOKEN_DIRECTORY, "readOnly": True},
    ]
    assert volume == {
        "name": language.agent,
        "emptyDir": {"sizeLimit": f"{2 * language.agent_size}Mi"},
    }


@injected
def test_memory_floor_can_be_set(language: Language) -> None:
    """A container below the floor is left alone, and the floor is the settings' to move."""
    small = _pod(language, resources={"limits": {"memory": f"{language.minimum_memory - 1}Mi"}})
    settings = Settings(languages={language.name: LanguageSettings(minimum_memory="1Mi")})

    assert mutated(small)[0] == small
    assert mutated(small, settings=settings)[0] != small
