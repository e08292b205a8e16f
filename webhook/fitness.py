"""Whether an agent fits a container whose language is settled.

Checks stand in a tuple and are asked in order; the first that objects decides. The versions:

    version         Java       Python     Node.js    .NET             Go
    --------------  ---------  ---------  ---------  ---------------  ---------
    at least        8          3.10       18.19      8                1.19
    older           Skip(VersionUnsupported), all of them
    unknown         inject     inject     inject     VersionUnknown   inject
"""

import re
from collections.abc import Callable

from webhook import vendors, versions
from webhook.annotations import LIBC_KEY
from webhook.candidate import Candidate
from webhook.language import Delivery
from webhook.model import Skip, Source
from webhook.quantity import MEBIBYTE
from webhook.quantity import parse as parse_quantity
from webhook.reasons import Reason
from webhook.structure import taken_name
from webhook.vendors.agent import OPENTELEMETRY


def objection(candidate: Candidate) -> Skip | None:
    """Why the container is left alone all the same, or None when the agent fits."""
    for check in _CHECKS:
        if skip := check(candidate):
            return skip
    return None


def _language_excluded(c: Candidate) -> Skip | None:
    text = c.question.wishes.excluded.get(c.language.name)
    if text and not c.question.choices:
        return Skip(Reason.OPTED_OUT, text)
    return None


def _language_disabled(c: Candidate) -> Skip | None:
    if c.question.settings.language(c.language.name).enabled:
        return None
    return Skip(Reason.LANGUAGE_DISABLED, f"{c.language.title} is off in the settings")


def _sdk_disabled(c: Candidate) -> Skip | None:
    if (c.variables.get("OTEL_SDK_DISABLED") or "").strip().lower() != "true":
        return None
    return Skip(Reason.SDK_DISABLED, "OTEL_SDK_DISABLED=true")


def _operator(c: Candidate) -> Skip | None:
    """What the OpenTelemetry Operator has put into the pod serves this container too."""
    name = f"opentelemetry-auto-instrumentation-{c.language.name}"
    mounts = c.question.target.container.get("volumeMounts") or ()
    if not any(mount.get("name") == name for mount in mounts):
        return None
    return Skip(Reason.ALREADY_INSTRUMENTED, f"the OpenTelemetry Operator's agent ({name})")


def _other_agent(c: Candidate) -> Skip | None:
    # The whole line: a launcher such as ddtrace-run is no longer there in a program's own words.
    argv = (word for program in c.programs for word in program.argv)
    agent = vendors.find(c.language.name, (*c.command_line, *argv), c.variables)
    if agent is None:
        return _seen_agent(c)
    reason = Reason.ALREADY_INSTRUMENTED if agent.opentelemetry else Reason.OTHER_AGENT_PRESENT
    return Skip(reason, f"{agent.vendor}: {agent.sign}")


def _seen_agent(c: Candidate) -> Skip | None:
    """What an application loads by itself stands in no manifest; a node agent saw it."""
    vendor = next(iter(c.other_agents), None)
    if vendor is None:
        return None
    is_ours = vendor == OPENTELEMETRY
    reason = Reason.ALREADY_INSTRUMENTED if is_ours else Reason.OTHER_AGENT_PRESENT
    return Skip(reason, f"{vendor}: it was there when the container ran last")


def _ignores(c: Candidate) -> Skip | None:
    if c.language.delivery is Delivery.NODE_AGENT:
        return None
    why = next((p.ignores for p in c.programs if p.ignores), None) or _overridden(c)
    return Skip(Reason.VARIABLES_IGNORED, why) if why else None


def _overridden(c: Candidate) -> str | None:
    """A variable that the command line itself sets, without what it was before."""
    for program in c.programs:
        for variable in c.language.variables if program.assigned else ():
            value = program.assigned.get(variable.name)
            if value is not None and not re.search(rf"\$\{{?{variable.name}\b", value):
                return f"the command line sets {variable.name} itself"
    return None


def _version_fits(c: Candidate) -> Skip | None:
    version = versions.parse(c.version)
    if version is None:
        if c.language.needs_version:
            return Skip(Reason.VERSION_UNKNOWN, f"nothing tells which {c.language.title} it is")
        return None
    if not versions.is_older(version, c.language.oldest):
        return None
    return Skip(
        Reason.VERSION_UNSUPPORTED,
        f"{c.language.title} {c.version}; the oldest served is {c.language.oldest_text}",
    )


def _libc_fits(c: Candidate) -> Skip | None:
    if not c.language.needs_libc or c.question.wishes.libc.get(c.question.target.name):
        return None
    sides = {e.libc: e for e in reversed(c.evidence) if e.libc and e.decides}
    if any(e.source is Source.OBSERVED for e in sides.values()):
        return None  # what is loaded, whatever the image was built from
    if len(sides) <= 1:
        return None
    said = " and ".join(f"{libc} ({e.fact})" for libc, e in sorted(sides.items(), key=str))
    return Skip(Reason.LIBC_UNKNOWN, f"{said}; {LIBC_KEY} can say it")


def _resources_fit(c: Candidate) -> Skip | None:
    limits = (c.question.target.container.get("resources") or {}).get("limits")
    if not limits:
        return None
    minimum = c.question.settings.language(c.language.name).minimum_memory
    memory = parse_quantity(minimum) if minimum else None
    floors = (
        ("memory", memory if memory is not None else c.language.minimum_memory * MEBIBYTE),
        ("ephemeral-storage", c.language.agent_size * MEBIBYTE),
    )
    for resource, floor in floors:
        limit = parse_quantity(limits[resource]) if resource in limits else None
        if limit is not None and limit < floor:
            needed = f"{floor / MEBIBYTE:g}Mi"
            return Skip(
                Reason.RESOURCES_TOO_SMALL,
                f"the {resource} limit is {limits[resource]};"
                f" {c.language.title} with its agent needs {needed}",
            )
    return None


def _name_taken(c: Candidate) -> Skip | None:
    if c.language.delivery is Delivery.NODE_AGENT:
        return None
    taken = taken_name(c.question.target, c.language, c.question.pod)
    return Skip(Reason.NAME_TAKEN, taken) if taken else None


_CHECKS: tuple[Callable[[Candidate], Skip | None], ...] = (
    _language_excluded,
    _language_disabled,
    _sdk_disabled,
    _operator,
    _other_agent,
    _ignores,
    _version_fits,
    _libc_fits,
    _resources_fit,
    _name_taken,
)
