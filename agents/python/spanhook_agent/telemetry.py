"""The application's own OpenTelemetry packages: harmless passengers, or a setup of its own.

Web frameworks depend on the API today, and bring the SDK with an extra, at whatever version; that
must not keep the agent off. An application that sets the SDK up itself must not get a second one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .installed import Installed, Requirement  # noqa: TID252
from .versions import satisfies  # noqa: TID252

FAMILY = "opentelemetry-"

# These alone do nothing: without an SDK the API records nothing.
PASSIVE = frozenset({FAMILY + "api", FAMILY + "semantic-conventions"})

# Nobody has these by accident.
SETUP = (FAMILY + "distro", FAMILY + "instrumentation")


def conflict(ours: Mapping[str, str], found: Installed) -> str | None:
    """Say why the agent (`ours`: version by name) and the application's packages cannot be joined.

    the application has           | who asks for it                      | agent
    ------------------------------|--------------------------------------|------
    nothing of the family         |                                      | on
    api, semantic conventions     | all take the agent's version         | on, the agent's is used
    api, semantic conventions     | someone does not                     | off
    sdk, exporters, proto         | an extra of another package          | as the row above says
    sdk                           | nobody, or a package without extra   | off: it is set up here
    distro, instrumentations      |                                      | off: it is set up here
    """
    own = sorted(name for name in found.versions if name.startswith(FAMILY))
    shared = [name for name in own if name in ours]
    if not shared:
        return None
    setup = [name for name in own if name.startswith(SETUP)]
    if setup:
        return f"the application sets OpenTelemetry up itself ({setup[0]})"
    asked = tuple(found.requirements())
    if FAMILY + "sdk" in own and not _passenger(FAMILY + "sdk", asked):
        return "the application sets OpenTelemetry up itself (opentelemetry-sdk)"
    return next(_refusals(ours, found, shared, asked), None)


def joined(ours: Mapping[str, str], found: Installed) -> bool:
    """Say whether both have packages of the family, of which one must come first."""
    return any(name in ours and name.startswith(FAMILY) for name in found.versions)


def _passenger(name: str, asked: tuple[Requirement, ...]) -> bool:
    outside = [one for one in asked if one.name == name and not one.by.startswith(FAMILY)]
    return bool(outside) and all(one.extra for one in outside)


def _refusals(
    ours: Mapping[str, str], found: Installed, shared: list[str], asked: tuple[Requirement, ...]
) -> Iterator[str]:
    for one in asked:
        # What is replaced itself may ask for what it likes, and an older version than the agent's
        # serves its callers by the API's promise of compatibility.
        if one.name not in shared or one.by in ours:
            continue
        if one.name in PASSIVE and satisfies(found.versions[one.name] or "", f"<={ours[one.name]}"):
            continue
        if not satisfies(ours[one.name], one.specifier):
            yield f"{one.by} needs {one.name}{one.specifier}, the agent has {ours[one.name]}"
