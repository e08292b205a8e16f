"""What the spans of a process have in common."""

from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import unquote

from opentelemetry.sdk.resources import Resource

from webhook.settings import VERSION

_NOTHING: Mapping[str, str] = MappingProxyType({})


def of_process(
    process: int,
    executable: str,
    go_version: str,
    environ: Mapping[str, str],
    attributes: Mapping[str, str] = _NOTHING,
) -> Resource:
    """The resource of a Go process: what it was told by `OTEL_*` wins over what we find out.

    `attributes` are known of it otherwise, such as its pod's; they are weaker. Without a service
    name the executable's is taken, as the specification of SDKs has it.
    """
    told = _attributes(environ.get("OTEL_RESOURCE_ATTRIBUTES", ""))
    names = (environ.get("OTEL_SERVICE_NAME"), told.get("service.name"))
    name = next(filter(None, (*names, attributes.get("service.name"))), None)
    return Resource(
        {
            "process.pid": process,
            "process.executable.name": executable,
            "process.runtime.name": "go",
            "telemetry.sdk.language": "go",
            "telemetry.distro.name": "spanhook",
            "telemetry.distro.version": VERSION,
            **({"process.runtime.version": go_version} if go_version else {}),
            **attributes,
            **told,
            "service.name": name or f"unknown_service:{executable}",
        }
    )


def _attributes(text: str) -> dict[str, str]:
    """The pairs of `key=value,key=value`, percent-decoded; what is no pair is left out."""
    pairs = (pair.partition("=") for pair in text.split(","))
    return {
        key.strip(): unquote(value.strip())
        for key, equals, value in pairs
        if equals and key.strip()
    }
