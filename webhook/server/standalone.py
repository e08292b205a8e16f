"""The webhook without a cluster: everything from files, certificates of its own."""

import gc
import logging
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path

import msgspec

from certs.authority import Authority, Leaf
from certs.directory import Directory
from webhook.images import configuration
from webhook.model import Facts, Image, Namespace
from webhook.server.app import MUTATE, application
from webhook.server.checks import Checks
from webhook.server.limits import Limits
from webhook.server.listener import Hooks, Listener
from webhook.server.logs import Format, Level, LibraryHandler, Log
from webhook.server.mutate import Mutate
from webhook.server.reviewer import Reviewer
from webhook.server.settings import load
from webhook.server.telemetry import Telemetry
from webhook.server.tls import Certificate, Source
from webhook.settings import Settings


class ImageConfigsError(Exception):
    """The file of image configurations cannot be used; the text names it."""


@dataclass(frozen=True, slots=True)
class Objects:
    """What a cluster would tell of objects beside the pod: as `Facts.config_maps`, and by name."""

    config_maps: Mapping[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)
    namespaces: Mapping[str, Namespace] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Options:
    """How to serve. `names`: what clients may call the server beside localhost and its host."""

    host: str = "127.0.0.1"
    port: int = 8443
    cert_dir: Path | None = None
    names: tuple[str, ...] = ()
    settings: Path | None = None
    image_configs: Path | None = None
    objects: Objects = field(default_factory=Objects)
    log_format: Format = "auto"
    log_level: Level = "info"
    limits: Limits = field(default_factory=Limits)


def run(options: Options, announce: Callable[[str], None] = print) -> None:
    """Serve until SIGTERM or SIGINT; `announce` gets one line when ready.

    Raises SettingsError, ImageConfigsError, certs.directory.CertificateFileError, and OSError where
    the address cannot be bound.
    """
    server = listener(options, announce)
    # What is imported by now stays: no need to look at it at every full collection.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)
    server.run()


def listener(options: Options, announce: Callable[[str], None]) -> Listener:
    """The server of `options`, not yet listening. Raises as `run` does."""
    log = Log(sys.stderr, options.log_format, options.log_level)
    _collect_library_logs(log)
    telemetry = Telemetry()
    certificate = Certificate(_source(options))
    telemetry.certificate(certificate.leaf.expires)
    reviewer = Reviewer(
        _settings(options.settings),
        Facts(_images(options.image_configs), options.objects.config_maps),
        opted_in=True,
        namespaces=options.objects.namespaces,
    )
    mutate = Mutate(reviewer, telemetry, log, options.limits)
    checks = Checks(
        {
            "certificate": lambda: None if certificate.leaf.is_valid(_now()) else "not valid now",
            "serving": lambda: "stopping" if server.stopping else None,
        }
    )
    server = Listener(
        application(mutate, telemetry, checks),
        certificate.context,
        (options.host, options.port),
        options.limits,
        Hooks(
            ready=lambda port: announce(_ready_line(options, port, certificate.leaf)),
            refresh=lambda: _refresh(certificate, telemetry, log),
            rejected=telemetry.rejected,
        ),
    )
    telemetry.watch(
        "connections", "Open connections.", lambda: len(server.server_state.connections)
    )
    return server


def _refresh(certificate: Certificate, telemetry: Telemetry, log: Log) -> None:
    try:
        if certificate.refresh():
            telemetry.certificate(certificate.leaf.expires)
            log.event("info", "certificate taken up", expires=certificate.leaf.expires.isoformat())
    except Exception as error:  # noqa: BLE001  # whatever it is, the old certificate still serves
        telemetry.certificate(certificate.leaf.expires, loaded=False)
        log.event("error", "certificate not taken up, the old one stays", error=str(error))


def _source(options: Options) -> Source:
    names = _names(options)
    if options.cert_dir is not None:
        directory = Directory(options.cert_dir)
        return lambda: directory.ensure(names, _now())
    return _InMemory(names)


class _InMemory:
    """An authority that lives as long as the process, and its current leaf."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names
        self._authority = Authority.create(_now())
        self._leaf = self._authority.issue(names, _now())

    def __call__(self) -> Leaf:
        if not self._leaf.is_fresh(_now()):
            self._leaf = self._authority.issue(self._names, _now())
        return self._leaf


def _names(options: Options) -> tuple[str, ...]:
    names = ["localhost", "127.0.0.1", "::1", *options.names]
    if not _is_wildcard(options.host):
        names.append(options.host)
    return tuple(dict.fromkeys(names))


def _is_wildcard(host: str) -> bool:
    try:
        return ip_address(host).is_unspecified
    except ValueError:
        return False


def _settings(path: Path | None) -> Settings:
    return load(path) if path is not None else Settings()


def _images(path: Path | None) -> Mapping[str, Image]:
    if path is None:
        return {}
    try:
        return configuration.read_all(msgspec.json.decode(path.read_bytes()))
    except (OSError, ValueError) as error:
        raise ImageConfigsError(f"{path}: {getattr(error, 'strerror', None) or error}") from error


def _ready_line(options: Options, port: int, leaf: Leaf) -> str:
    host = "localhost" if _is_wildcard(options.host) else options.host
    address = f"[{host}]" if ":" in host else host
    if options.cert_dir is not None:
        trust = str(Directory(options.cert_dir).authority_file)
    else:
        trust = f"in memory, SHA-256 {sha256(leaf.authority).hexdigest()[:16]}"
    return f"spanhook is ready at https://{address}:{port}{MUTATE} (authority: {trust})"


def _collect_library_logs(log: Log) -> None:
    for name in ("uvicorn.error", "asyncio"):
        logger = logging.getLogger(name)
        logger.handlers = [LibraryHandler(log)]
        logger.propagate = False
        # Every peer that breaks off would be a warning; the metrics count them.
        logger.setLevel(logging.ERROR)


def _now() -> datetime:
    return datetime.now(UTC)
