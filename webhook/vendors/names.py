"""Variables that only somebody sets who runs a vendor's agent.

A name is a sign where code cannot be seen: `import ddtrace.auto` leaves no trace in a pod. It is no
sign where it serves something else as well:

- DD_AGENT_HOST, DD_ENTITY_ID, DD_TAGS and DD_DOGSTATSD_* alone say where metrics go; Datadog's
  admission controller writes them into pods that have no tracer. DD_API_KEY and DD_SITE are for
  its API.
- DD_* in general is no rule: DefectDojo reads DD_DATABASE_URL, DD_SECRET_KEY and many more.
- NEW_RELIC_API_KEY, NEW_RELIC_ACCOUNT_ID and NEW_RELIC_REGION are for scripts that speak to its
  API.
- OTEL_* is configuration that we respect, not an agent.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from webhook.vendors.agent import OPENTELEMETRY


@dataclass(frozen=True, slots=True)
class Rule:
    """`pattern` matches names; `off` are variables that switch the agent off by being false."""

    vendor: str
    pattern: str
    off: tuple[str, ...] = ()
    disable: tuple[str, ...] = ()
    opentelemetry: bool = False
    language: str | None = None


_RULES = (
    Rule(
        "Datadog",
        r"DD_(?:SERVICE$|SERVICE_(?:NAME|MAPPING)$|ENV$|VERSION$|TRACE_|TRACER_|PROFILING_|APPSEC_|IAST_"
        r"|LOGS_INJECTION$|RUNTIME_METRICS|DYNAMIC_INSTRUMENTATION|REMOTE_CONFIG|INJECT|INSTRUMENTATION_"
        r"|CIVISIBILITY_|DBM_|DATA_STREAMS_|JMXFETCH_|PATCH_MODULES$|DOTNET_TRACER_HOME$|PROPAGATION"
        r"|LLMOBS_|APM_TRACING|INTEGRATIONS$|CODE_ORIGIN|EXCEPTION_)",
        off=("DD_TRACE_ENABLED",),
    ),
    Rule(
        "New Relic",
        r"NEW_RELIC_(?!API_KEY$|ACCOUNT_ID$|REGION$|INSERT_KEY$|INSIGHTS)"
        r"|NEWRELIC_(?:HOME|LICENSE|PROFILER|INSTALL|FILE)",
        off=("NEW_RELIC_ENABLED", "NEW_RELIC_AGENT_ENABLED"),
    ),
    Rule(
        "Dynatrace",
        r"DT_(?:TENANT|CONNECTION_POINT|CUSTOM_PROP|CLUSTER_ID|NODE_ID|TAGS$|RELEASE_|NETWORK_ZONE"
        r"|DEPLOYMENT_METADATA|LOGSTREAM|LOGLEVEL|HOST_ID|AGENT|DYNAMIZER_|LOCALTOVIRTUALHOSTNAME)",
        off=("DT_AGENTACTIVE",),
    ),
    Rule(
        "Elastic APM",
        r"ELASTIC_APM_",
        off=("ELASTIC_APM_ENABLED", "ELASTIC_APM_ACTIVE"),
    ),
    Rule("Elastic", r"ELASTIC_OTEL_", opentelemetry=True),
    Rule("AppDynamics", r"APPDYNAMICS_"),
    Rule(
        "Instana",
        r"INSTANA_",
        disable=("INSTANA_DISABLE", "INSTANA_TRACING_DISABLE", "INSTANA_DISABLE_AUTO_INSTR"),
    ),
    Rule(
        "SignalFx",
        r"SIGNALFX_(?!ACCESS_TOKEN$|API|INGEST)",
        off=("SIGNALFX_TRACE_ENABLED", "SIGNALFX_TRACING_ENABLED"),
    ),
    Rule(
        "Splunk",
        r"SPLUNK_(?:TRACE_|PROFILER_|METRICS_ENABLED$|REALM$|OTEL_)",
        opentelemetry=True,
    ),
    Rule("Apache SkyWalking", r"SW_AGENT_"),
    Rule("Pinpoint", r"PINPOINT_"),
    Rule("Scout", r"SCOUT_(?:MONITOR|KEY)$", off=("SCOUT_MONITOR",)),
    Rule("Contrast Security", r"CONTRAST__", off=("CONTRAST__ENABLE",)),
    Rule("Odigos", r"ODIGOS_(?:DISTRO|POD|WORKLOAD|CONTAINER)_", opentelemetry=True),
    Rule(OPENTELEMETRY, r"OTEL_DOTNET_AUTO_HOME$", opentelemetry=True, language="dotnet"),
    Rule("New Relic", r"CORECLR_NEW_?RELIC_HOME$", off=("NEW_RELIC_ENABLED",), language="dotnet"),
)
_ANY = re.compile("|".join(f"({rule.pattern})" for rule in _RULES))
HEADS = frozenset(rule.pattern[:3] for rule in _RULES)
"""How the names begin that a rule may match; every pattern therefore starts with three plain
characters. Nearly no variable begins so, and the patterns are looked at for those alone."""

SWITCHES = frozenset(name for rule in _RULES for name in (*rule.off, *rule.disable))
"""The variables that switch an agent on or off."""

_FALSE = frozenset(("false", "0", "no", "off", "f", "n", "disabled"))
_TRUE = frozenset(("true", "1", "yes", "on", "t", "y"))


def rule_of(name: str) -> Rule | None:
    """The rule that a variable's name falls under."""
    match = _ANY.match(name)
    return _RULES[match.lastindex - 1] if match and match.lastindex else None


def is_off(rule: Rule, variables: Mapping[str, str | None]) -> bool:
    """Whether the variables switch this agent off."""
    return any(_says(variables, name, _FALSE) for name in rule.off) or any(
        _says(variables, name, _TRUE) for name in rule.disable
    )


def _says(variables: Mapping[str, str | None], name: str, values: frozenset[str]) -> bool:
    return (variables.get(name) or "").strip().lower() in values
