"""Whether the agent's packages and the application's can live in one process, before any is imported.

The agent stands behind the application on the path, so for every package that both have the
application's version is what the agent gets. The table of what the agent's packages require is written
when the agent is built (`requirements.json`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict

from spanhook_agent.installed import Installed
from spanhook_agent.versions import satisfies


class Carried(TypedDict):
    """One distribution that the agent carries."""

    version: str
    requires: dict[str, str]
    modules: list[str]


class Instrumentor(TypedDict):
    """One instrumentation: its entry point, its distribution, the libraries it instruments."""

    entry: str
    distribution: str
    all: dict[str, str]
    any: dict[str, str]


class Table(TypedDict):
    """What the agent carries; written by the build."""

    carried: dict[str, Carried]
    instrumentors: dict[str, Instrumentor]


@dataclass(frozen=True)
class Plan:
    """What to start: nothing (`off` says why), else an exporter and the fitting instrumentations."""

    off: str | None = None
    exporter: str = "otlp_proto_http"
    instrumentors: tuple[str, ...] = ()
    prefer_ours: bool = False


CORE = ("opentelemetry-distro", "opentelemetry-exporter-http-transport")

# In this order: protobuf is what every receiver takes; JSON needs none of the packages that
# applications pin.
EXPORTERS = (
    ("otlp_proto_http", "opentelemetry-exporter-otlp-proto-http"),
    ("otlp_json_http", "opentelemetry-exporter-otlp-json-http"),
)

# Older versions of these serve newer callers by their own promise of compatibility, so the agent's
# newer one can take the place of the application's.
REPLACEABLE = frozenset({"opentelemetry-api", "opentelemetry-semantic-conventions"})


def plan(table: Table, found: Installed) -> Plan:
    """Hold what the agent requires against what the application brings."""
    carried = table["carried"]
    conflict = next(_own_telemetry(carried, found), None) or next(
        (problem for name in CORE for problem in _unmet(name, carried, found)), None
    )
    if conflict is not None:
        return Plan(off=conflict)
    exporters = {name: next(_unmet(dist, carried, found), None) for name, dist in EXPORTERS}
    fitting = [name for name, problem in exporters.items() if problem is None]
    if not fitting:
        return Plan(off=exporters[EXPORTERS[-1][0]])
    chosen = tuple(
        name
        for name, one in table["instrumentors"].items()
        if _instruments(one, carried, found)
        and next(_unmet(one["distribution"], carried, found), None) is None
    )
    return Plan(None, fitting[0], chosen, bool(REPLACEABLE & found.versions.keys()))


def _own_telemetry(carried: Mapping[str, Carried], found: Installed) -> Iterator[str]:
    """The application's own OpenTelemetry, where it is not the agent's to the letter.

    api, semantic conventions | older                              | the agent's is used
    api, semantic conventions | newer, its users take the agent's  | the agent's is used
    api, semantic conventions | newer, one of them needs the newer | off
    any other package         | the agent's version                | on
    any other package         | another version                    | off
    """
    for name, version in found.versions.items():
        ours = carried.get(name) if name.startswith("opentelemetry-") else None
        if ours is None or version == ours["version"]:
            continue
        if name in REPLACEABLE and _serves(name, ours["version"], found):
            continue
        yield f"the application brings {name} {version or '?'}, the agent {ours['version']}"


def _serves(name: str, ours: str, found: Installed) -> bool:
    """Say whether everything in the application that asks for `name` would take the agent's."""
    version = found.versions[name]
    if version is None:
        return False
    if satisfies(version, f"<={ours}"):
        return True
    return all(satisfies(ours, specifier) for specifier in found.requirements_on(name))


def _unmet(
    name: str, carried: Mapping[str, Carried], found: Installed, seen: set[str] | None = None
) -> Iterator[str]:
    """Every requirement of `name`, and of what it pulls in, that the application's version fails."""
    seen = set() if seen is None else seen
    if name in seen:
        return
    seen.add(name)
    for needed, specifier in carried[name]["requires"].items():
        if needed in found.versions and not needed.startswith("opentelemetry-"):
            version = found.versions[needed]
            if version is None or not satisfies(version, specifier):
                yield f"{name} needs {needed}{specifier}, the application has {version or '?'}"
        elif found.modules.intersection(carried[needed]["modules"]):
            yield f"{name} needs {needed}{specifier}, the application has a copy of unknown version"
        else:
            yield from _unmet(needed, carried, found, seen)


def _instruments(one: Instrumentor, carried: Mapping[str, Carried], found: Installed) -> bool:
    def fits(item: tuple[str, str]) -> bool:
        name, specifier = item
        ours = carried[name]["version"] if name in carried else None
        version = found.versions.get(name, ours)
        return version is not None and satisfies(version, specifier)

    wanted: Sequence[tuple[str, str]] = tuple(one["any"].items())
    return all(map(fits, one["all"].items())) and (not wanted or any(map(fits, wanted)))
