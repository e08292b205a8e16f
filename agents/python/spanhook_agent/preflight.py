"""Whether the agent's packages and the application's fit together, before any is imported.

The agent stands behind the application on the path, so for every package that both have the
application's version is what the agent gets. The table of what the agent's packages require is
written when the agent is built (`requirements.json`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict

from . import telemetry  # noqa: TID252
from .installed import Installed  # noqa: TID252
from .versions import satisfies  # noqa: TID252


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
    """What to start: nothing (`off` says why), else an exporter and what fits."""

    off: str | None = None
    exporter: str = "otlp_proto_http"
    instrumentors: tuple[str, ...] = ()
    # The application has OpenTelemetry packages too: the agent's come first.
    prefer_ours: bool = False


CORE = ("opentelemetry-distro", "opentelemetry-exporter-http-transport")

# In this order: protobuf is what every receiver takes; JSON needs none of the packages that
# applications pin.
EXPORTERS = (
    ("otlp_proto_http", "opentelemetry-exporter-otlp-proto-http"),
    ("otlp_json_http", "opentelemetry-exporter-otlp-json-http"),
)

PROTO = "opentelemetry-proto"


def plan(table: Table, found: Installed) -> Plan:
    """Hold what the agent requires against what the application brings."""
    carried = table["carried"]
    ours = {name: one["version"] for name, one in carried.items()}
    conflict = telemetry.conflict(ours, found) or next(
        (problem for name in CORE for problem in _unmet(name, carried, found)), None
    )
    if conflict is not None:
        return Plan(off=conflict)
    exporters = {name: next(_unmet(dist, carried, found), None) for name, dist in EXPORTERS}
    fitting = [name for name, problem in exporters.items() if problem is None]
    if not fitting:
        return Plan(off=exporters[EXPORTERS[-1][0]])
    if PROTO in found.versions and exporters["otlp_proto_http"] is not None:
        # The agent's would take its place, and would not run on the application's protobuf.
        return Plan(off=exporters["otlp_proto_http"])
    chosen = tuple(
        name
        for name, one in table["instrumentors"].items()
        if _instruments(one, carried, found)
        and next(_unmet(one["distribution"], carried, found), None) is None
    )
    return Plan(None, fitting[0], chosen, telemetry.joined(ours, found))


def _unmet(
    name: str, carried: Mapping[str, Carried], found: Installed, seen: set[str] | None = None
) -> Iterator[str]:
    """Each requirement of `name` and of what it pulls in that the application fails."""
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
