"""What of a container's probes and hooks an agent makes slower, in sentences for a person.

A probe or hook that executes the same runtime loads the agent at every call: with Java a start
takes 6 s and more instead of 0.2 s, longer than a probe's default timeout of 1 s.
"""

from collections.abc import Iterator

from webhook.commandline import programs
from webhook.language import Delivery, Language
from webhook.model import Object

_PROBES = ("startupProbe", "livenessProbe", "readinessProbe")
_SLOW = 5
"""Seconds from which on an agent's start matters to a liveness probe."""

_HOOKS = ("postStart", "preStop")


def notes(container: Object, language: Language) -> tuple[str, ...]:
    """What to look at when this container gets the language's agent."""
    if language.delivery is Delivery.NODE_AGENT:
        return ()
    return (*_same_runtime(container, language), *_too_tight(container, language))


def _same_runtime(container: Object, language: Language) -> Iterator[str]:
    for name, handler in _handlers(container):
        command = (handler.get("exec") or {}).get("command")
        if command and any(p.language == language.name for p in programs(command)):
            yield (
                f"{name} executes {command[0]}, and each time {language.title} loads the agent"
                f" (about {language.start_seconds} s more): use httpGet or tcpSocket instead"
            )


def _handlers(container: Object) -> Iterator[tuple[str, Object]]:
    for name in _PROBES:
        if probe := container.get(name):
            yield name, probe
    lifecycle = container.get("lifecycle") or {}
    for name in _HOOKS:
        if handler := lifecycle.get(name):
            yield f"lifecycle.{name}", handler


def _too_tight(container: Object, language: Language) -> Iterator[str]:
    """A liveness probe kills a container whose start takes longer than it allows."""
    probe = container.get("livenessProbe")
    if not probe or container.get("startupProbe") or language.start_seconds < _SLOW:
        return
    delay = probe.get("initialDelaySeconds") or 0
    allowed = delay + (probe.get("periodSeconds") or 10) * (probe.get("failureThreshold") or 3)
    if allowed < 4 * language.start_seconds:
        yield (
            f"livenessProbe allows {allowed} s for the start, and the agent adds about"
            f" {language.start_seconds} s: a startupProbe makes room"
        )
