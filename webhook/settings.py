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


_HOST = r"([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:]+\])(:[0-9]+)?"
_PATH = r"(/[a-z0-9]+([._-]+[a-z0-9]+)*)*"

Host = Annotated[str, Meta(pattern=rf"^{_HOST}\Z")]
Place = Annotated[str, Meta(pattern=rf"^{_HOST}{_PATH}\Z")]
Platform = Annotated[str, Meta(pattern=r"^[a-z0-9]+/[a-z0-9]+(/[a-z0-9.]+)?\Z")]
Proxy = Annotated[str, Meta(pattern=r"^(https?://[^\s/]+/?)?\Z")]
Size = Annotated[int, Meta(ge=0)]
Seconds = Annotated[float, Meta(ge=0)]


class Mirror(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """Where images of one registry, or below one path of it, are read instead."""

    prefix: Place
    """The images that this is for: a host, or host and path, such as `docker.io/library`."""
    location: Place
    """What stands there instead: `mirror.example.com/hub`."""
    fallback: bool = True
    """Whether the image's own registry is asked where the mirror does not have the image."""


class ImageInspectionSettings(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """What can be set for asking registries what is in an image."""

    enabled: bool = True
    """Whether registries are asked at all."""
    deadline: Annotated[float, Meta(ge=0, le=2.5)] = 1.0
    """Seconds that the creation of a pod may wait for an image that is not known yet; 0: none."""
    layers: bool = True
    """Whether layers are read, in the background, where a configuration tells too little."""
    platforms: tuple[Platform, ...] = ()
    """Platforms such as `linux/arm64`. Absent: what the pod's nodeSelector says, else our own."""
    tag_age: Annotated[float, Meta(ge=60)] = 3600
    """Seconds after which it is asked again which image a tag names."""
    keep_unused: Seconds = 604800
    """Seconds for which an image's profile is kept while no pod and no workload uses it."""
    mirrors: tuple[Mirror, ...] = ()
    """Mirrors and rewritten names, as the nodes have them; the first whose prefix fits counts."""
    plain_http: tuple[Host, ...] = ()
    """Registries that are asked without TLS (`host` or `host:port`)."""
    unverified: tuple[Host, ...] = ()
    """Registries whose certificate is not checked."""
    local: tuple[Host, ...] = ()
    """Registries that may have loopback or link-local addresses."""
    certificate_authorities: str = ""
    """Certificates (PEM) of authorities that are trusted beside the system's."""
    proxy: Proxy = ""
    """The proxy's URL. Absent: `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` of our own process."""
    no_proxy: tuple[str, ...] = ()
    """Hosts that are asked without `proxy`, as in `NO_PROXY`."""
    pull_secret: str = "spanhook-pull"  # noqa: S105  # a Secret's name
    """The Secret with credentials of our own, in our namespace; it need not be there. Another name
    needs a changed Role, whose `resourceNames` allow this one alone."""
    read_pull_secrets: bool = False
    """Whether the `imagePullSecrets` of pods are read; needs the component `pull-secrets`."""
    layer_bytes_per_image: Size = 64 << 20
    """Compressed bytes of layers that are read for one image at most."""
    layer_seconds_per_image: Seconds = 30
    """Seconds that reading one image's layers may take."""
    layer_bytes_per_hour: Size = 1 << 30
    """Compressed bytes of layers that are read in an hour at most."""


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
    image_inspection: ImageInspectionSettings = msgspec.field(
        default_factory=ImageInspectionSettings
    )
    """How registries are asked what is in an image."""

    def language(self, name: str) -> LanguageSettings:
        """The settings of a language, defaults when the document does not name it."""
        return self.languages.get(name, _DEFAULT_LANGUAGE)


_DEFAULT_LANGUAGE = LanguageSettings()


def image(language: str) -> str:
    """The default agent image of a language of ours."""
    return f"{_REGISTRY}/agent-{language}:{VERSION}"
