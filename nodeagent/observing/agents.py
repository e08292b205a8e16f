"""Other agents in a process, by what started it and what it has loaded.

Values of variables are looked at and never kept: what comes out are makers' names of a table.
"""

from nodeagent.observing.look import Look
from webhook.images.layers.agents import find as of_file
from webhook.vendors import find
from webhook.vendors.agent import OURS
from webhook.vendors.search import preloaded

_PROFILER = "CORECLR_PROFILER_PATH"
"""It may name ours, and is looked at by who knows that."""


def agents(seen: Look, language: str | None) -> tuple[str, ...]:
    """The makers of the agents that a process of a language has, ours aside."""
    variables: dict[str, str | None] = {
        name: value
        for name, value in seen.environment.items()
        if name == _PROFILER or not value.startswith(OURS)
    }
    told = find(language or "", seen.argv, variables)
    vendors = [told.vendor] if told else []
    vendors += [vendor for path in seen.mapped if OURS not in path and (vendor := _loaded(path))]
    return tuple(dict.fromkeys(vendors))


def _loaded(path: str) -> str | None:
    """The maker of an agent that a mapped file belongs to: a library, or a package's part."""
    if found := of_file(path.lstrip("/")):
        return found[1].vendor
    trace = preloaded(path) if " " not in path else None
    return trace.vendor if trace else None
