"""Profilers and startup hooks of .NET."""

import re
from collections.abc import Mapping

from webhook.vendors.agent import OPENTELEMETRY, OURS, Agent, Trace

# By the CLSID that each vendor documents for CORECLR_PROFILER. Instana's and SkyAPM's is missing:
# both kept the one of Microsoft's sample, cf0d821e-…; the path tells them.
_PROFILERS: dict[str, tuple[str, bool]] = {
    "918728dd-259f-4a6a-ac2b-b85e1b658318": (OPENTELEMETRY, True),
    "846f5f1c-f9ae-4b07-969e-05c26bc060d8": ("Datadog", False),
    "36032161-ffc0-4b61-b559-f6c5d41bae5a": ("New Relic", False),
    "57e1aa68-2229-41aa-9931-a6e93bbc64d8": ("AppDynamics", False),
    "fa65fe15-f085-4681-9b20-95e04f6c03cc": ("Elastic APM", False),
    "b7038f67-52fc-4da2-ab02-969b3c1eda03": ("Dynatrace", False),
    "8b2ce134-0948-48ca-a4b2-80ddad9f5791": ("Contrast Security", False),
    "b4c89b0f-9908-4f73-9f59-0d77c5a06874": ("SignalFx", False),
}
_HOOKS = tuple(
    (re.compile(pattern, re.IGNORECASE), vendor, opentelemetry)
    for pattern, vendor, opentelemetry in (
        (r"opentelemetry|otel-dotnet-auto", OPENTELEMETRY, True),
        (r"elastic\.?apm", "Elastic APM", False),
        (r"datadog", "Datadog", False),
        (r"newrelic", "New Relic", False),
        (r"skyapm|skywalking", "Apache SkyWalking", False),
        (r"instana", "Instana", False),
        (r"dynatrace|oneagent", "Dynatrace", False),
        (r"appdynamics", "AppDynamics", False),
    )
)

VARIABLES = ("CORECLR_ENABLE_PROFILING", "CORECLR_PROFILER_PATH", "CORECLR_PROFILER")
"""What `profiler` reads."""


def in_hooks(text: str) -> Trace | None:
    """The first agent among startup hooks; other hooks are the application's own business."""
    for hook in re.split(r"[:;]", text):
        if hook.startswith(OURS):
            continue
        for pattern, vendor, opentelemetry in _HOOKS:
            if pattern.search(hook):
                return Trace(vendor, hook, opentelemetry)
    return None


def profiler(variables: Mapping[str, str | None]) -> Agent | None:
    """The profiler that the variables load: the runtime has room for one only."""
    enabled = variables.get("CORECLR_ENABLE_PROFILING", "")
    if enabled is not None and enabled.strip() == "0":
        return None
    path = variables.get("CORECLR_PROFILER_PATH") or ""
    if path.startswith(OURS):
        return None
    if "CORECLR_PROFILER" in variables:
        identifier = (variables["CORECLR_PROFILER"] or "").strip().strip("{}").lower()
        known = _PROFILERS.get(identifier)
        if known is None and (trace := in_hooks(path)):
            known = trace.vendor, trace.opentelemetry
        vendor, opentelemetry = known or ("unknown .NET profiler", False)
        return Agent(vendor, "CORECLR_PROFILER is set", opentelemetry)
    if enabled == "":
        return None
    return Agent("unknown .NET profiler", "CORECLR_ENABLE_PROFILING is set", opentelemetry=False)
