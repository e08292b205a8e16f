"""Agents in a JVM's options: `-javaagent:`, and what vendors load by `-agentpath:`.

Unlike the other languages an unknown one counts: whatever a `-javaagent` does, it rewrites classes.
Only those that are known to trace nothing are let through.
"""

import re

from webhook.vendors.agent import OPENTELEMETRY, OURS, Trace

_OPTION = re.compile(r"-(javaagent|agentpath|agentlib):[\"']?([^\s\"'=]+)")

_HARMLESS = re.compile(
    r"jmx[_-]prometheus|jmx[_-]exporter|jmxtrans|jacoco|aspectjweaver|spring-instrument|springloaded"
    r"|jolokia|byteman|lombok|async-profiler|ap-loader|pyroscope\.jar|jamm|quasar-core|byte-buddy-agent"
    r"|mockito|ebean-agent|openjpa|eclipselink|hibernate|intellij-coverage|debugger-agent|idea_rt"
    r"|allocation-instrumenter|transmittable-thread-local|arthas|log4j|jhiccup|alpn|cryostat"
    r"|hotswap-agent|jrebel|lightrun|flight-recorder|chaos|blockhound|gluon|heapdump|jdwp|hprof",
    re.IGNORECASE,
)
_VENDORS = tuple(
    (re.compile(pattern, re.IGNORECASE), vendor, opentelemetry)
    for pattern, vendor, opentelemetry in (
        (r"splunk-otel-javaagent", "Splunk", True),
        (r"elastic-otel-javaagent", "Elastic", True),
        (r"grafana-opentelemetry", "Grafana", True),
        (r"aws-opentelemetry-agent", "AWS Distro for OpenTelemetry", True),
        (r"applicationinsights-agent", "Azure Application Insights", True),
        (r"solarwinds-apm-agent", "SolarWinds", True),
        (r"sentry-opentelemetry", "Sentry", True),
        (r"honeycomb-opentelemetry", "Honeycomb", True),
        (r"inspectit-ocelot", "inspectIT Ocelot", True),
        (r"dd-java-agent|/datadog", "Datadog", False),
        (r"newrelic|new-relic", "New Relic", False),
        (r"elastic-apm-agent|elasticapm", "Elastic APM", False),
        (r"appdynamics|appserveragent|/appagent", "AppDynamics", False),
        (r"instana", "Instana", False),
        (r"oneagent|dynatrace", "Dynatrace", False),
        (r"skywalking", "Apache SkyWalking", False),
        (r"pinpoint", "Pinpoint", False),
        (r"glowroot", "Glowroot", False),
        (r"kanela", "Kamon", False),
        (r"contrast", "Contrast Security", False),
        (r"signalfx", "SignalFx", False),
        (r"scouter", "Scouter", False),
        (r"atatus", "Atatus", False),
        (r"opentelemetry|otel", OPENTELEMETRY, True),
    )
)


def in_text(text: str) -> Trace | None:
    """The first agent among options of a JVM."""
    if "-javaagent:" not in text and "-agentpath:" not in text and "-agentlib:" not in text:
        return None
    for match in _OPTION.finditer(text):
        if trace := _of_option(match):
            return trace
    return None


def _of_option(match: re.Match[str]) -> Trace | None:
    kind, path = match[1], match[2]
    seen = f"-{kind}:{path}"
    jar = path.rpartition("/")[2]
    if path.startswith(OURS) or _HARMLESS.search(jar):
        return None
    # The jar's own name first: /opt/otel/dd-java-agent.jar is Datadog's.
    for text in (jar, path):
        for pattern, vendor, opentelemetry in _VENDORS:
            if pattern.search(text):
                return Trace(vendor, seen, opentelemetry)
    # Native libraries are profilers and debuggers more often than tracers.
    return Trace("unknown Java agent", seen) if kind == "javaagent" else None
