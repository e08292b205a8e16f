"""Looking for an agent in a command line and in variables."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from webhook.vendors import dotnet, java, names, nodejs, python
from webhook.vendors.agent import OPENTELEMETRY, Agent, Trace

Look = Callable[[str], Trace | None]

_COMMANDS: Mapping[str, Look] = {
    "java": java.in_text,
    "nodejs": nodejs.in_text,
    "python": python.in_command,
    "dotnet": dotnet.in_hooks,
}
"""Language → what to look for in a command line."""

_CONTENTS: Mapping[str, Mapping[str, Look]] = {
    "nodejs": dict.fromkeys(
        ("NODE_OPTIONS", "npm_config_node_options", "NPM_CONFIG_NODE_OPTIONS"), nodejs.in_text
    ),
    "python": {"PYTHONPATH": python.in_path, "AUTOWRAPT_BOOTSTRAP": python.in_bootstrap},
    "dotnet": dict.fromkeys(
        ("DOTNET_STARTUP_HOOKS", "ASPNETCORE_HOSTINGSTARTUPASSEMBLIES"), dotnet.in_hooks
    ),
}
"""Language → variable → what to look for in its value."""

VALUES = frozenset(
    (
        "LD_PRELOAD",
        *dotnet.VARIABLES,
        *names.SWITCHES,
        *(n for one in _CONTENTS.values() for n in one),
    )
)
"""The variables whose values `find` reads by name; of others the names, and `loads` in Java's."""

_PRELOADED = tuple(
    (re.compile(pattern, re.IGNORECASE), vendor, opentelemetry)
    for pattern, vendor, opentelemetry in (
        (r"liboneagent|dynatrace", "Dynatrace", False),
        (r"launcher\.preload\.so|datadog", "Datadog", False),
        (r"libinstana|/instana", "Instana", False),
        (r"appdynamics|libappd", "AppDynamics", False),
        (r"newrelic", "New Relic", False),
        (r"libcontrast|contrast_", "Contrast Security", False),
        (r"libsplunk|splunk-instrumentation", "Splunk", True),
        (r"libotelinject|opentelemetry|odigos", OPENTELEMETRY, True),
    )
)
_NO_LOOKS: Mapping[str, Look] = {}


def find(language: str, argv: Sequence[str], variables: Mapping[str, str | None]) -> Agent | None:
    """The agent that a container of a language has already, or None.

    `variables` are names and values; a value is None where it is not known (`valueFrom`). What
    loads an agent goes before what only configures one.
    """
    look = _COMMANDS.get(language)
    if look is not None and (trace := look("\n".join(argv))):
        verb = "starts" if language == "python" else "has"
        return Agent(trace.vendor, f"command {verb} {trace.seen}", trace.opentelemetry)
    if language == "dotnet" and (agent := dotnet.profiler(variables)):
        return agent
    return _in_variables(language, variables)


def _in_variables(language: str, variables: Mapping[str, str | None]) -> Agent | None:
    """A value that loads an agent goes before a name that only configures one."""
    for name, look in _looks(language, variables):
        value = variables.get(name)
        if value and (trace := look(value)):
            return Agent(trace.vendor, f"{name} has {trace.seen}", trace.opentelemetry)
    for name in [name for name in variables if name[:3] in names.HEADS]:
        if variables[name] != "" and (agent := _by_name(language, name, variables)):
            return agent
    return None


def _looks(language: str, variables: Mapping[str, str | None]) -> Iterable[tuple[str, Look]]:
    """The variables whose values are worth a look."""
    yield "LD_PRELOAD", preloaded
    if language == "java":
        # Options travel in variables of any name: JAVA_OPTS, CATALINA_OPTS, KAFKA_OPTS…
        for name in [n for n, value in variables.items() if value and "agent" in value]:
            yield name, java.in_text
    yield from _CONTENTS.get(language, _NO_LOOKS).items()


def loads(value: str) -> bool:
    """Whether a variable of any name, with this value, loads an agent."""
    return bool(loading(value))


def loading(value: str) -> str:
    """The part of a value that loads an agent, whatever the variable's name; "" where none does."""
    trace = java.in_text(value)
    return trace.seen if trace else ""


def preloaded(text: str) -> Trace | None:
    """The first agent among preloaded libraries."""
    for library in re.split(r"[:\s]+", text):
        for pattern, vendor, opentelemetry in _PRELOADED:
            if pattern.search(library):
                return Trace(vendor, library, opentelemetry)
    return None


def _by_name(language: str, name: str, variables: Mapping[str, str | None]) -> Agent | None:
    rule = names.rule_of(name)
    if rule is None or rule.language not in (None, language) or names.is_off(rule, variables):
        return None
    return Agent(rule.vendor, f"{name} is set", rule.opentelemetry)
