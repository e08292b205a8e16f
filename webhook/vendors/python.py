"""Launchers and modules that put an agent into a Python process."""

import re

from webhook.vendors.agent import OPENTELEMETRY, OURS, Trace

_LAUNCHERS: dict[str, tuple[str, bool]] = {
    "ddtrace-run": ("Datadog", False),
    "newrelic-admin": ("New Relic", False),
    "elasticapm-run": ("Elastic APM", False),
    "sw-python": ("Apache SkyWalking", False),
    "pyagent": ("AppDynamics", False),
    "opentelemetry-instrument": (OPENTELEMETRY, True),
    "splunk-py-trace": ("Splunk", True),
    "splunk-instrument": ("Splunk", True),
}
_MODULES: dict[str, tuple[str, bool]] = {
    "ddtrace": ("Datadog", False),
    "newrelic": ("New Relic", False),
    "elasticapm": ("Elastic APM", False),
    "skywalking": ("Apache SkyWalking", False),
    "appdynamics": ("AppDynamics", False),
    "instana": ("Instana", False),
    "splunk_otel": ("Splunk", True),
    "opentelemetry": (OPENTELEMETRY, True),
}
_STARTED = re.compile(
    r"(?:^|(?<=[\s/\"';&|]))(?:(?P<launcher>" + "|".join(_LAUNCHERS) + r")"
    r"|-m\s+(?P<module>" + "|".join(_MODULES) + r"))(?=[\s.\"';]|$)"
)
# Part of a directory's path → whose it is; ours has no vendor.
_PATHS = (
    (OURS, "", False),
    ("ddtrace", "Datadog", False),
    ("datadog", "Datadog", False),
    ("newrelic", "New Relic", False),
    ("appdynamics", "AppDynamics", False),
    ("instana", "Instana", False),
    ("sw_python", "Apache SkyWalking", False),
    ("opentelemetry", OPENTELEMETRY, True),
    ("otel-auto-instrumentation", OPENTELEMETRY, True),
)


def in_command(text: str) -> Trace | None:
    """The first agent that a command line starts."""
    match = _STARTED.search(text)
    if match is None:
        return None
    launcher = match["launcher"]
    vendor, opentelemetry = _LAUNCHERS[launcher] if launcher else _MODULES[match["module"]]
    return Trace(vendor, launcher or f"python -m {match['module']}", opentelemetry)


def in_path(text: str) -> Trace | None:
    """The first agent among the directories of PYTHONPATH."""
    for directory in text.split(":"):
        lower = directory.lower()
        for part, vendor, opentelemetry in _PATHS:
            if part in lower:
                if not vendor:
                    break
                return Trace(vendor, directory, opentelemetry)
    return None


def in_bootstrap(text: str) -> Trace | None:
    """What wrapt's AUTOWRAPT_BOOTSTRAP loads: a list of modules."""
    for module in text.split(","):
        if known := _MODULES.get(module.strip().partition(".")[0]):
            return Trace(known[0], module.strip(), known[1])
    return None
