"""The settings document: one definition for the file, the ConfigMap and docs/settings.md.

Field docstrings are the documentation: `python -m console.reference` renders them. Field names are
camelCase in the document, snake_case here.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

VERSION = "0.1.0"

_REGISTRY = "ghcr.io/spanhook"
_UPSTREAM = "ghcr.io/open-telemetry/opentelemetry-operator"

Signal = Literal["traces", "metrics", "logs"]
Quantity = Annotated[str, Meta(pattern=r"^[0-9]+(\.[0-9]+)?([EPTGM]i?|Ki|k|m)?$")]


class LanguageSettings(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """What can be set for one language."""

    enabled: bool = True
    """Whether containers of this language are instrumented at all."""
    image: str | None = None
    """The agent's image, when not the default. Its files lie in `/autoinstrumentation`."""
    minimum_memory: Quantity | None = None
    """A container whose memory limit is below this is left alone (`ResourcesTooSmall`)."""


class InitContainerSettings(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """What can be set for the init container that copies the agent."""

    image_pull_policy: Literal["Always", "IfNotPresent", "Never"] | None = None
    """The pull policy of the agent images; none is written when this is absent."""
    set_user: bool = True
    """Whether `runAsUser` is written. False where the cluster chooses the user (OpenShift)."""


class Settings(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """Everything that can be set. An empty document is a good one."""

    endpoint: str = "http://spanhook-collector.spanhook-node.svc:4318"
    """Where agents send OTLP over HTTP. `http://$(SPANHOOK_NODE_IP):4318` is the pod's own node."""
    signals: tuple[Signal, ...] = ("traces", "metrics")
    """What agents export. Container logs are collected from the node: `logs` is off by default."""
    sampling_ratio: Annotated[float, Meta(ge=0, le=1)] | None = None
    """The share of new traces that is kept, 0 to 1; children follow their parents. Absent: all."""
    propagators: tuple[str, ...] = ("tracecontext", "baggage")
    """How context travels between services (`OTEL_PROPAGATORS`)."""
    env_from_unknown: Literal["inject-with-warning", "skip"] = "inject-with-warning"
    """What to do where a source that is not read could hold a variable that must be merged."""
    ignored_namespaces: tuple[str, ...] = ()
    """Namespaces that are never touched, besides the system's and our own."""
    ignored_containers: tuple[str, ...] = ()
    """Names of containers that are never touched unless an annotation names them."""
    languages: dict[str, LanguageSettings] = msgspec.field(default_factory=dict)
    """Per language (`java`, `python`, `nodejs`, `dotnet`, `go`), what differs from its defaults."""
    init_container: InitContainerSettings = msgspec.field(default_factory=InitContainerSettings)
    """The init container that copies the agent."""

    def language(self, name: str) -> LanguageSettings:
        """The settings of a language, defaults when the document does not name it."""
        return self.languages.get(name, _DEFAULT_LANGUAGE)


_DEFAULT_LANGUAGE = LanguageSettings()


def image(language: str) -> str:
    """The default agent image of a language of ours."""
    return f"{_REGISTRY}/agent-{language}:{VERSION}"
