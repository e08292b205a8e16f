"""What a process says of its own traces, by the variables of OpenTelemetry's SDKs.

    variable                                  its traces
    ----------------------------------------  -----------------------------------------------------
    OTEL_SDK_DISABLED=true                    none
    OTEL_TRACES_EXPORTER=none                 none
    OTEL_TRACES_SAMPLER=always_off            none
    always_on, parentbased_always_on          all that begin here
    parentbased_always_off                    none that begin here
    traceidratio, parentbased_traceidratio    OTEL_TRACES_SAMPLER_ARG of those that begin here
    anything else, or nothing                 as we were told for this process

A trace that began elsewhere follows its parent's decision, with every sampler but always_off.
"""

import math
from collections.abc import Mapping

_RATIOS = {
    "always_on": 1.0,
    "parentbased_always_on": 1.0,
    "parentbased_always_off": 0.0,
}
_BY_ARGUMENT = frozenset({"traceidratio", "parentbased_traceidratio"})


def refusal(environ: Mapping[str, str]) -> str:
    """What says that a process is not to be traced; empty where nothing does."""
    if environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return "OTEL_SDK_DISABLED=true"
    if environ.get("OTEL_TRACES_EXPORTER", "").strip().lower() == "none":
        return "OTEL_TRACES_EXPORTER=none"
    if _sampler(environ) == "always_off":
        return "OTEL_TRACES_SAMPLER=always_off"
    return ""


def ratio(environ: Mapping[str, str], told: float) -> float:
    """The part of the traces that begin in a process, from 0 to 1, where it does not refuse."""
    sampler = _sampler(environ)
    if sampler in _BY_ARGUMENT:
        return _argument(environ.get("OTEL_TRACES_SAMPLER_ARG", ""))
    return _RATIOS.get(sampler, told)


def _sampler(environ: Mapping[str, str]) -> str:
    return environ.get("OTEL_TRACES_SAMPLER", "").strip().lower()


def _argument(text: str) -> float:
    """1 for what is no number from 0 to 1, as the specification of SDKs has it."""
    try:
        number = float(text)
    except ValueError:
        return 1.0
    return number if math.isfinite(number) and 0 <= number <= 1 else 1.0
