"""Agents and tracers that lie in an image, by the names of their files."""

import re

from webhook.vendors.agent import OPENTELEMETRY, Agent

_JARS = tuple(
    (re.compile(rf"{pattern}(?:[-_.]?v?\d[\w.+-]*)?(?:[-_](?:all|shaded))?\.jar"), vendor, ours)
    for pattern, vendor, ours in (
        (r"opentelemetry-javaagent", OPENTELEMETRY, True),
        (r"splunk-otel-javaagent", "Splunk", True),
        (r"elastic-otel-javaagent", "Elastic", True),
        (r"grafana-opentelemetry-java", "Grafana", True),
        (r"aws-opentelemetry-agent", "AWS Distro for OpenTelemetry", True),
        (r"applicationinsights-agent", "Azure Application Insights", True),
        (r"dd-java-agent", "Datadog", False),
        (r"newrelic(?:-agent)?", "New Relic", False),
        (r"elastic-apm-agent", "Elastic APM", False),
        (r"skywalking-agent", "Apache SkyWalking", False),
        (r"pinpoint-bootstrap", "Pinpoint", False),
        (r"glowroot", "Glowroot", False),
        (r"instana-agent", "Instana", False),
    )
)
_PYTHON = {
    "ddtrace": ("Datadog", False),
    "newrelic": ("New Relic", False),
    "elasticapm": ("Elastic APM", False),
    "skywalking": ("Apache SkyWalking", False),
    "appdynamics": ("AppDynamics", False),
    "instana": ("Instana", False),
    "scout_apm": ("Scout", False),
    "splunk_otel": ("Splunk", True),
    "opentelemetry/instrumentation/auto_instrumentation": (OPENTELEMETRY, True),
}
_NODEJS = {
    "dd-trace": ("Datadog", False),
    "newrelic": ("New Relic", False),
    "elastic-apm-node": ("Elastic APM", False),
    "@instana/collector": ("Instana", False),
    "appdynamics": ("AppDynamics", False),
    "skywalking-backend-js": ("Apache SkyWalking", False),
    "@splunk/otel": ("Splunk", True),
    "@elastic/opentelemetry-node": ("Elastic", True),
    "@azure/monitor-opentelemetry": ("Azure Monitor", True),
    "@opentelemetry/auto-instrumentations-node": (OPENTELEMETRY, True),
    "@opentelemetry/sdk-node": (OPENTELEMETRY, True),
}
_DOTNET = {
    "OpenTelemetry.AutoInstrumentation.dll": (OPENTELEMETRY, True),
    "Datadog.Trace.dll": ("Datadog", False),
    "NewRelic.Agent.Core.dll": ("New Relic", False),
    "elastic_apm_profiler.dll": ("Elastic APM", False),
    "libelastic_apm_profiler.so": ("Elastic APM", False),
}
_PACKAGES = tuple(
    (re.compile(r"(?:^|/)" + folder + r"/(" + "|".join(map(re.escape, table)) + r")(?:/|$)"), table)
    for folder, table in (("(?:site|dist)-packages", _PYTHON), ("node_modules", _NODEJS))
)


def find(path: str) -> tuple[str, Agent] | None:
    """The agent that a file belongs to, and where its files begin; None of any other file."""
    name = path.rpartition("/")[2]
    if name.endswith(".jar"):
        known = next(((v, ours) for jar, v, ours in _JARS if jar.fullmatch(name)), None)
        return _found(path, known) if known else None
    if name in _DOTNET:
        return _found(path, _DOTNET[name])
    if "-packages/" in path or "node_modules/" in path:
        for pattern, table in _PACKAGES:
            if match := pattern.search(path):
                return _found(path[: match.end(1)], table[match[1]])
    return None


def _found(path: str, known: tuple[str, bool]) -> tuple[str, Agent]:
    vendor, opentelemetry = known
    return path, Agent(vendor, f"/{path} is in the image", opentelemetry)
