"""The variables that all languages share, and how they give way to the user's.

The user's own `OTEL_*` variables are never changed but for OTEL_RESOURCE_ATTRIBUTES, before whose
value ours are put, so that the user's keys win. Variables that belong together are one group:

    group                            where the user set one of it
    -------------------------------  -------------------------------------------------------
    endpoint, protocol, headers,     none of ours is added, except the protocol that Python
    general or of one signal         needs to reach the user's endpoint at all
    sampler, its argument            none of ours is added
    service name, service.name       neither of ours is set
    any other                        that one is not added
"""

from functools import lru_cache

from webhook.environment import Environment, Origin
from webhook.identity import Identity, encoded
from webhook.language import Language
from webhook.merge import Addition, EnvPlan, literal
from webhook.settings import Settings
from webhook.value import Value

SERVICE_NAME = "OTEL_SERVICE_NAME"
ATTRIBUTES = "OTEL_RESOURCE_ATTRIBUTES"
ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
PROTOCOL = "OTEL_EXPORTER_OTLP_PROTOCOL"
SAMPLER = "OTEL_TRACES_SAMPLER"
SAMPLER_ARG = "OTEL_TRACES_SAMPLER_ARG"

HTTP = "http/protobuf"

_OTLP_GROUP = frozenset(
    f"OTEL_EXPORTER_OTLP_{signal}{what}"
    for signal in ("", "TRACES_", "METRICS_", "LOGS_", "PROFILES_")
    for what in ("ENDPOINT", "PROTOCOL", "HEADERS")
)


class Wanted(Value):
    """What the shared variables are to say in one container."""

    identity: Identity
    signals: tuple[str, ...]
    sampling_ratio: str | None


def add(
    result: EnvPlan, env: Environment, language: Language, wanted: Wanted, settings: Settings
) -> None:
    """Plan all shared variables. Raises RefusalError where the attributes cannot be merged."""
    _identity(result, env, wanted.identity)
    for name, value in _defaults(wanted.signals, settings.propagators):
        if not env.has(name):
            result.add(name, value)
    if not (env.has(SAMPLER) or env.has(SAMPLER_ARG)):
        for name, value in _sampler(wanted.sampling_ratio):
            result.add(name, value)
    _endpoint(result, env, language, settings)


def _identity(result: EnvPlan, env: Environment, identity: Identity) -> None:
    found = env.find(ATTRIBUTES)
    theirs = _keys(found.value or "")
    ours = identity.attributes
    if not env.has(SERVICE_NAME) and "service.name" not in theirs:
        if found.origin in (Origin.REFERENCE, Origin.OPTIONAL) or any("$(" in k for k in theirs):
            # What it holds is not known: as an attribute before theirs, our name gives way to
            # a service.name of theirs, which OTEL_SERVICE_NAME would override.
            ours = {**ours, "service.name": encoded(identity.service)}
        else:
            result.add(SERVICE_NAME, literal(identity.service))
    text = ",".join([f"{key}={value}" for key, value in ours.items() if key not in theirs])
    result.merge(env, Addition(ATTRIBUTES, before=text, separator=","))


def _keys(attributes: str) -> set[str]:
    return {pair.partition("=")[0].strip() for pair in attributes.split(",")}


@lru_cache(maxsize=64)
def _defaults(
    signals: tuple[str, ...], propagators: tuple[str, ...]
) -> tuple[tuple[str, str], ...]:
    exporters = [
        (f"OTEL_{signal.upper()}_EXPORTER", "otlp" if signal in signals else "none")
        for signal in ("traces", "metrics", "logs")
    ]
    return (*exporters, ("OTEL_PROPAGATORS", ",".join(propagators)))


def _sampler(ratio: str | None) -> tuple[tuple[str, str], ...]:
    if ratio is None:
        return ((SAMPLER, "parentbased_always_on"),)
    return ((SAMPLER, "parentbased_traceidratio"), (SAMPLER_ARG, ratio))


def _endpoint(result: EnvPlan, env: Environment, language: Language, settings: Settings) -> None:
    theirs = _OTLP_GROUP & env.known.keys()
    if not theirs:
        result.add(ENDPOINT, settings.endpoint)
        result.add(PROTOCOL, HTTP)
        return
    endpoints = {name for name in theirs if name.endswith("_ENDPOINT")}
    if not endpoints:
        note = f"{min(theirs)} is the user's, so no endpoint was added beside it"
        result.notes.append(note)
    elif language.needs_protocol and not any(name.endswith("_PROTOCOL") for name in theirs):
        result.add(PROTOCOL, HTTP)
        result.notes.append(
            f"{PROTOCOL}={HTTP} was added to the user's {min(endpoints)}:"
            " the agent has no gRPC exporter"
        )
