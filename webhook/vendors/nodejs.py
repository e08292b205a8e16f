"""Modules that Node.js is told to load before the application."""

import re

from webhook.vendors.agent import OPENTELEMETRY, OURS, Trace

_OPTION = re.compile(
    r"(?:^|(?<=[\s\"']))(--require|--import|--(?:experimental-)?loader|-r)(?:=|\s+)[\"']?([^\s\"']+)"
)
_PACKAGES: dict[str, tuple[str, bool]] = {
    "dd-trace": ("Datadog", False),
    "newrelic": ("New Relic", False),
    "@newrelic": ("New Relic", False),
    "elastic-apm-node": ("Elastic APM", False),
    "@instana": ("Instana", False),
    "appdynamics": ("AppDynamics", False),
    "@dynatrace": ("Dynatrace", False),
    "signalfx-tracing": ("SignalFx", False),
    "skywalking-backend-js": ("Apache SkyWalking", False),
    "@google-cloud/trace-agent": ("Google Cloud Trace", False),
    "@contrast": ("Contrast Security", False),
    "atatus-nodejs": ("Atatus", False),
    "applicationinsights": ("Azure Application Insights", False),
    "@splunk/otel": ("Splunk", True),
    "@elastic/opentelemetry-node": ("Elastic", True),
    "@azure/monitor-opentelemetry": ("Azure Monitor", True),
    "@aws/aws-distro-opentelemetry-node-autoinstrumentation": (
        "AWS Distro for OpenTelemetry",
        True,
    ),
    "@honeycombio/opentelemetry-node": ("Honeycomb", True),
    "@lumigo/opentelemetry": ("Lumigo", True),
    "@sentry": ("Sentry", True),  # its SDK registers OpenTelemetry's tracer provider since 8.0
    "solarwinds-apm": ("SolarWinds", True),
    "@vercel/otel": (OPENTELEMETRY, True),
    "@opentelemetry": (OPENTELEMETRY, True),
}
_PACKAGE = re.compile(
    r"(?:^|/)(" + "|".join(sorted(map(re.escape, _PACKAGES), reverse=True)) + r")(?=[/.]|$)"
)
# OpenTelemetry's guide has people write instrumentation.js or tracing.js and load it like this.
_OWN_FILE = re.compile(
    r"(?:^|[/@._-])(?:tracing|tracer|instrument(?:ation)?|otel|opentelemetry|telemetry)"
    r"(?:[._-][^/]*)?$|otel-auto-instrumentation",
    re.IGNORECASE,
)


def in_text(text: str) -> Trace | None:
    """The first agent among options of Node.js."""
    if "-r" not in text and "--import" not in text and "loader" not in text:
        return None
    for match in _OPTION.finditer(text):
        option, module = match[1], match[2]
        if module.startswith(("file:", OURS)):
            module = module.removeprefix("file:").replace("///", "/", 1)
            if module.startswith(OURS):
                continue
        seen = f"{option} {match[2]}"
        if package := _PACKAGE.search(module):
            vendor, opentelemetry = _PACKAGES[package[1]]
            return Trace(vendor, seen, opentelemetry)
        if _OWN_FILE.search(module):
            return Trace(OPENTELEMETRY, seen, opentelemetry=True)
    return None
