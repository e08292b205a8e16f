"""With what is kept of an image, a pod gets exactly what it would get with all of it."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.webhook import golden
from tests.webhook.images.labelled import CASES, Case
from tests.webhook.images.labelled.accuracy import ANYBODYS
from tests.webhook.images.profile.examples import platform, profile, remembered
from tests.webhook.pods import CONFIG_MAPS, pods
from webhook.configmaps import VALUES
from webhook.images.configuration import read
from webhook.images.profile import kept, write
from webhook.images.reference import canonical
from webhook.languages import BY_NAME
from webhook.model import Context, Facts, Image, Namespace
from webhook.mutate import mutate
from webhook.settings import Settings

CONTEXT = Context(Namespace("shop"), opted_in=True)
NAMED = canonical(ANYBODYS)


def _pod(**container: Any) -> dict[str, Any]:
    return {"spec": {"containers": [{"name": "main", "image": ANYBODYS, **container}]}}


def _check(pod: dict[str, Any], known: Image, maps: Any = None) -> None:
    whole = Facts(images={NAMED: known}, config_maps=maps or {})
    lean = replace(whole, images={NAMED: remembered(known)})

    assert mutate(pod, CONTEXT, whole, Settings()) == mutate(pod, CONTEXT, lean, Settings())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_labelled(case: Case) -> None:
    """Every labelled image decides alike, with its own command, with arguments, with another's."""
    known = read(case.configuration)

    _check(_pod(), known)
    _check(_pod(args=["serve", "--port", "8080"]), known)
    for command in (["java", "-jar", "a.jar"], ["dotnet", "A.dll"], ["/start.sh"]):
        _check(_pod(command=command), known)


@pytest.mark.parametrize("name", golden.CASES)
def test_golden(name: str) -> None:
    """Every golden pod gets the same of images that come from profiles."""
    case = golden.read(name)
    lean = {
        reference: replace(remembered(known), layers=known.layers)
        for reference, known in case.facts.images.items()
    }
    for result in golden.results(name):
        facts = replace(case.facts, images=lean)

        again = mutate(result.before, result.context, facts, case.settings)

        assert (result.outcome.operations, result.outcome.warnings) == (
            again.operations,
            again.warnings,
        )
        assert result.outcome.decisions == again.decisions


_OTHERS = (
    "OTEL_SERVICE_NAME",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_HEADERS",
    "OTEL_TRACES_SAMPLER",
    "SPANHOOK_POD_NAME",
    "SPANHOOK_ORIGINAL_JAVA_TOOL_OPTIONS",
    "JAVA_OPTS",
    "DD_SERVICE",
    "NEW_RELIC_LICENSE_KEY",
    "ELASTIC_APM_SECRET_TOKEN",
    "INSTANA_AGENT_KEY",
    "APPDYNAMICS_AGENT_ACCOUNT_ACCESS_KEY",
    "DATABASE_URL",
    "FLASK_ENV",
)
_VERSIONS = ("NODE_VERSION", "JAVA_VERSION")
_TEXTS = (
    "",
    " ",
    "true",
    "false",
    "0",
    "22.1.0",
    "-Xmx1g",
    "-Dpassword=s3cret -javaagent:/dd-java-agent.jar=k=s3cret -Xss1m",
    "-javaagent:/jacoco.jar -agentpath:'/opt/dynatrace/oneagent.so'",
    "/site:/packages",
    "service.name=a,x=s3cret",
    "--require /usr/lib/node_modules/dd-trace/init",
    "$(FOO) $5",
)
_environments = st.dictionaries(
    st.sampled_from([*sorted(VALUES), *_OTHERS, *_VERSIONS]), st.sampled_from(_TEXTS), max_size=8
)


def _image(environment: dict[str, str], command: list[str]) -> Image:
    env = [f"{name}={value}" for name, value in environment.items()]
    return read({"config": {"Env": env, "Cmd": command}})


@given(_environments, st.sampled_from(sorted(BY_NAME)), pods)
def test_environments(environment: dict[str, str], language: str, pod: dict[str, Any]) -> None:
    """Whatever an image sets, for every language and in pods of every kind."""
    known = _image(environment, ["/start.sh"])
    chosen = _pod()
    chosen["metadata"] = {"annotations": {"spanhook.dev/languages": f"main={language}"}}
    _check(chosen, known)

    for container in pod["spec"]["containers"]:
        container["image"] = ANYBODYS
    _check(pod, known, CONFIG_MAPS)


@given(st.dictionaries(st.sampled_from([*sorted(VALUES), *_OTHERS]), st.just("hunter2-s3cret")))
def test_no_other_value(environment: dict[str, str]) -> None:
    """A value is written only where it is merged with or read, and that of a runtime's version."""
    known = _image(environment, ["/start.sh"])

    (written,) = write(profile(platform(known)))["status"]["platforms"]

    assert {one["name"] for one in written.get("environment", ()) if "value" in one} == {
        name for name in environment if name in VALUES
    }
    assert json.dumps(written | {"environment": []}).count("s3cret") == 0


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("PASSWORD", "s3cret", {}),
        ("PASSWORD", "", {}),
        ("PATH", "/opt/bin:/bin", {"PATH": "/opt/bin:/bin"}),
        ("JAVA_TOOL_OPTIONS", "-Xss1m", {"JAVA_TOOL_OPTIONS": "-Xss1m"}),
        ("NODE_OPTIONS", "x" * 5000, {"NODE_OPTIONS": None}),
        ("NEW_RELIC_LICENSE_KEY", "s3cret", {"NEW_RELIC_LICENSE_KEY": None}),
        ("NEW_RELIC_APP_NAME", "", {"NEW_RELIC_APP_NAME": ""}),
        ("DD_API_KEY", "s3cret", {}),
        ("OTEL_EXPORTER_OTLP_HEADERS", "k=s3cret", {"OTEL_EXPORTER_OTLP_HEADERS": None}),
        ("JVM", "-Dp=s3cret -javaagent:/a.jar=s3cret", {"JVM": "-javaagent:/a.jar"}),
        ("JVM", "-javaagent:/" + "a" * 5000, {"JVM": None}),
        ("JVM", "-javaagent:/jacoco.jar=s3cret", {}),
    ],
)
def test_what_is_kept(name: str, value: str, expected: dict[str, str | None]) -> None:
    """Values that are read, names that are signs, and nothing of anything else; twice is once."""
    assert expected == kept({name: value})
    assert expected == kept(expected)
