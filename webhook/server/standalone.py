"""The webhook without a cluster: everything from files, certificates of its own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from certs.authority import Authority, Leaf
from certs.directory import Directory
from webhook.model import Facts, Image, Namespace
from webhook.observed import Key, Observed
from webhook.server import service
from webhook.server.endpoint import Endpoint
from webhook.server.listener import Listener
from webhook.server.reviewer import Reviewer
from webhook.server.service import Additions, Service, now, read_images
from webhook.server.settings import load
from webhook.server.tls import Source
from webhook.settings import Settings


@dataclass(frozen=True, slots=True)
class Objects:
    """What a cluster would tell of objects beside the pod: as in `Facts`, and by name."""

    config_maps: Mapping[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)
    namespaces: Mapping[str, Namespace] = field(default_factory=dict)
    images: Mapping[str, Image] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)
    observed: Mapping[Key, Observed] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Options:
    """How to serve: everything from files, or from defaults."""

    endpoint: Endpoint = field(default_factory=Endpoint)
    cert_dir: Path | None = None
    settings: Path | None = None
    image_configs: Path | None = None
    objects: Objects = field(default_factory=Objects)


def run(options: Options, announce: Callable[[str], None] = print) -> None:
    """Serve until SIGTERM or SIGINT; `announce` gets one line when ready.

    Raises SettingsError, ImageConfigsError, certs.directory.CertificateFileError, and OSError where
    the address cannot be bound.
    """
    service.run(listener(options, announce))


def listener(options: Options, announce: Callable[[str], None]) -> Listener:
    """The server of `options`, not yet listening. Raises as `run` does."""
    own = Service(options.endpoint, source(options.endpoint, options.cert_dir))
    reviewer = Reviewer(
        load(options.settings) if options.settings is not None else Settings(),
        _facts(options),
        opted_in=True,
        namespaces=options.objects.namespaces,
    )

    def ready(port: int) -> None:
        announce(_ready_line(options, port, own.certificate.leaf))

    return own.listener(reviewer, Additions(ready, {}, {}))


def _facts(options: Options) -> Facts:
    known = options.objects
    return Facts(
        {**known.images, **read_images(options.image_configs)},
        known.config_maps,
        observed=known.observed,
        digests=known.digests,
    )


def source(endpoint: Endpoint, cert_dir: Path | None) -> Source:
    """Certificates for `endpoint` out of a directory, or of an authority in memory."""
    if cert_dir is not None:
        directory = Directory(cert_dir)
        return lambda: directory.ensure(endpoint.subjects, now())
    return _InMemory(endpoint.subjects)


class _InMemory:
    """An authority that lives as long as the process, and its current leaf."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names
        self._authority = Authority.create(now())
        self._leaf = self._authority.issue(names, now())

    def __call__(self) -> Leaf:
        if not self._leaf.is_fresh(now()):
            self._leaf = self._authority.issue(self._names, now())
        return self._leaf


def _ready_line(options: Options, port: int, leaf: Leaf) -> str:
    if options.cert_dir is not None:
        trust = str(Directory(options.cert_dir).authority_file)
    else:
        trust = f"in memory, SHA-256 {sha256(leaf.authority).hexdigest()[:16]}"
    return f"spanhook is ready at {options.endpoint.url(port)} (authority: {trust})"
