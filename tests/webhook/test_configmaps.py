"""What is kept of a ConfigMap is enough, and is not more."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.webhook.invariants import CONTEXT
from webhook.configmaps import VALUES, kept
from webhook.languages import BY_NAME
from webhook.model import EMPTY, Facts
from webhook.mutate import mutate
from webhook.settings import Settings

_OTHERS = (
    "OTEL_SERVICE_NAME",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_TRACES_SAMPLER",
    "DD_SERVICE",
    "NEW_RELIC_APP_NAME",
    "APPDYNAMICS_AGENT_NAME",
    "CATALINA_OPTS",
    "SPANHOOK_POD_NAME",
    "DATABASE_URL",
)
"""Variables of which decisions read no more than the name, or nothing at all."""

_TEXTS = (
    "",
    " ",
    "true",
    "false",
    "0",
    "-Xmx1g",
    "-javaagent:/dd-java-agent.jar",
    "/site",
    "x" * 9,
)


@st.composite
def _sources(draw: st.DrawFn) -> tuple[str, dict[str, str]]:
    """A prefix, and a ConfigMap whose keys make variables with it that matter."""
    names = draw(st.lists(st.sampled_from(sorted(VALUES) + list(_OTHERS)), max_size=6))
    cut = draw(st.integers(0, 12))
    prefix = draw(st.sampled_from(names or ["APP_"]))[:cut]
    keys = [name.removeprefix(prefix) for name in names] + ["LOG_LEVEL"]
    if not prefix:
        # With a vendor's prefix it would count as that vendor's: nobody means that.
        keys.append("application.yaml")
    return prefix, {key: draw(st.sampled_from(_TEXTS)) for key in keys if key}


@given(
    _sources(), st.sampled_from(sorted(BY_NAME)), st.sampled_from(["skip", "inject-with-warning"])
)
@settings(max_examples=300)
def test_enough(source: tuple[str, dict[str, str]], language: str, unknown: Any) -> None:
    """With what is kept, a pod gets exactly what it would get with the whole ConfigMap."""
    prefix, data = source
    pod = {
        "metadata": {"annotations": {"spanhook.dev/languages": f"app={language}"}},
        "spec": {
            "containers": [
                {
                    "name": "app",
                    "image": "shop/cart:8.1",
                    "envFrom": [{"prefix": prefix, "configMapRef": {"name": "m"}}],
                }
            ]
        },
    }
    settings = Settings(env_from_unknown=unknown)

    whole = mutate(pod, CONTEXT, Facts(config_maps={("shop", "m"): data}), settings)
    lean = mutate(pod, CONTEXT, Facts(config_maps={("shop", "m"): kept(data)}), settings)

    assert whole == lean
    assert lean.failure is None


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (None, {}),
        ({"JAVA_TOOL_OPTIONS": "-Xss1m"}, {"JAVA_TOOL_OPTIONS": "-Xss1m"}),
        ({"TOOL_OPTIONS": "-Xss1m"}, {"TOOL_OPTIONS": "-Xss1m"}),
        ({"PASSWORD": "secret"}, {"PASSWORD": None}),
        ({"PASSWORD": ""}, {"PASSWORD": ""}),
        ({"ca.crt": "-----BEGIN", "log-level": "info"}, {}),
        ({"JVM": "-javaagent:/dd-java-agent.jar"}, {"JVM": "-javaagent:/dd-java-agent.jar"}),
        ({"jvm.options": "-javaagent:/a.jar"}, {"jvm.options": "-javaagent:/a.jar"}),
        ({"NODE_OPTIONS": "x" * 200_000}, {"NODE_OPTIONS": None}),
    ],
    ids=[
        "no data",
        "a variable",
        "with a prefix",
        "a value that nobody reads",
        "an empty value",
        "files",
        "an agent",
        "an agent in a file",
        "longer than a variable can be",
    ],
)
def test_what_is_kept(data: dict[str, str] | None, expected: dict[str, str | None]) -> None:
    """Values that are read, names that could be variables, and no file's content."""
    assert expected == kept(data)


def test_nothing_costs_nothing() -> None:
    """Most ConfigMaps of a cluster are files; they share one empty mapping."""
    assert kept({"ca.crt": "x"}) is EMPTY
