"""The environment that the kubelet gives a container.

Order is the kubelet's (pkg/kubelet/kubelet_pods.go): `envFrom` first, a later source winning; then
`env` from top to bottom, each value expanded with all that is known so far, a later entry of the
same name winning. An optional reference without its key sets nothing, so a ``$(NAME)`` to it stays
text. What the container runtime adds (the image's own Env underneath) is `containers`'s business.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from demo.expansion import expand
from demo.fields import pod_field


class ConfigError(Exception):
    """A container that the kubelet would not start (CreateContainerConfigError)."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What variables are read from: the patched pod and the namespace's ConfigMaps and Secrets."""

    pod: Mapping[str, Any]
    config_maps: Mapping[str, Mapping[str, str]]
    secrets: Mapping[str, Mapping[str, str]]


def environment(container: Mapping[str, Any], sources: Sources) -> dict[str, str]:
    """Name to value. Raises ConfigError where a reference that is not optional is missing."""
    values: dict[str, str] = {}
    for source in container.get("envFrom") or ():
        values.update(_from_source(source, sources))
    for entry in container.get("env") or ():
        value = _value(entry, values, sources)
        if value is not None:
            values[entry["name"]] = value
    return values


def _from_source(source: Mapping[str, Any], sources: Sources) -> dict[str, str]:
    for kind, store in (("configMapRef", sources.config_maps), ("secretRef", sources.secrets)):
        if kind not in source:
            continue
        reference = source[kind]
        found = store.get(reference["name"])
        if found is None and not reference.get("optional"):
            raise ConfigError(f"envFrom: there is no {kind[:-3]} {reference['name']}")
        return {source.get("prefix", "") + name: text for name, text in (found or {}).items()}
    raise ConfigError(f"envFrom: {', '.join(source)} is not known here")


def _value(entry: Mapping[str, Any], values: Mapping[str, str], sources: Sources) -> str | None:
    if text := entry.get("value"):
        return expand(text, values)
    if reference := entry.get("valueFrom"):
        return _referred(entry["name"], reference, sources)
    return ""


def _referred(name: str, reference: Mapping[str, Any], sources: Sources) -> str | None:
    if "fieldRef" in reference:
        return pod_field(sources.pod, reference["fieldRef"]["fieldPath"])
    for kind, store in (
        ("configMapKeyRef", sources.config_maps),
        ("secretKeyRef", sources.secrets),
    ):
        if kind not in reference:
            continue
        key = reference[kind]
        found = store.get(key["name"], {}).get(key["key"])
        if found is None and not key.get("optional"):
            raise ConfigError(f"{name}: there is no key {key['key']} in {key['name']}")
        return found
    raise ConfigError(f"{name}: {', '.join(reference)} is not known here")
