"""The parts that every server has, with a cluster or without, put together."""

import gc
import logging
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from webhook.images import configuration
from webhook.model import Image
from webhook.server.app import application
from webhook.server.checks import Check, Checks, Note
from webhook.server.endpoint import Endpoint
from webhook.server.listener import Hooks, Listener
from webhook.server.logs import LibraryHandler, Log
from webhook.server.mutate import Mutate, Observer, Wait, at_once, ignore
from webhook.server.reviewer import Reviewer
from webhook.server.telemetry import Telemetry
from webhook.server.tls import Certificate, Source


class ImageConfigsError(Exception):
    """The file of image configurations cannot be used; the text names it."""


@dataclass(frozen=True, slots=True)
class Additions:
    """What one kind of server has beside the others: checks, and what hears of each answer.

    `background` is entered before listening, and left when the last answer is sent. `wait` is asked
    where an answer misses images.
    """

    ready: Callable[[int], None]
    checks: Mapping[str, Check]
    notes: Mapping[str, Note]
    observer: Observer = ignore
    background: Callable[[], AbstractAsyncContextManager[object]] = nullcontext
    wait: Wait = at_once


class Service:
    """Log, metrics and certificate of a server; `listener` makes the server itself.

    Raises what `source` raises: there is no server without a certificate.
    """

    def __init__(self, endpoint: Endpoint, source: Source) -> None:
        self.endpoint = endpoint
        self.log = Log(sys.stderr, endpoint.log_format, endpoint.log_level)
        _collect_library_logs(self.log)
        self.telemetry = Telemetry()
        self.certificate = Certificate(source)
        self.telemetry.certificate(self.certificate.leaf.expires)

    def refresh(self) -> None:
        """Take up a changed certificate. Never raises: the one in use stays."""
        certificate, telemetry, log = self.certificate, self.telemetry, self.log
        try:
            if certificate.refresh():
                telemetry.certificate(certificate.leaf.expires)
                expires = certificate.leaf.expires.isoformat()
                log.event("info", "certificate taken up", expires=expires)
        except Exception as error:  # noqa: BLE001  # whatever it is, the old certificate serves
            telemetry.certificate(certificate.leaf.expires, loaded=False)
            log.event("error", "certificate not taken up, the old one stays", error=str(error))

    def listener(self, reviewer: Reviewer, additions: Additions) -> Listener:
        """The server, not yet listening."""
        certificate, telemetry = self.certificate, self.telemetry
        mutate = Mutate(
            reviewer,
            telemetry,
            self.log,
            self.endpoint.limits,
            additions.observer,
            wait=additions.wait,
        )
        checks = Checks(
            {
                "certificate": lambda: (
                    None if certificate.leaf.is_valid(now()) else "not valid now"
                ),
                **additions.checks,
                "serving": lambda: "stopping" if server.stopping else None,
            },
            additions.notes,
        )
        server = Listener(
            application(mutate, telemetry, checks),
            certificate.context,
            (self.endpoint.host, self.endpoint.port),
            self.endpoint.limits,
            Hooks(additions.ready, self.refresh, telemetry.rejected, additions.background),
        )
        telemetry.watch(
            "connections", "Open connections.", lambda: len(server.server_state.connections)
        )
        return server


def run(server: Listener) -> None:
    """Serve until SIGTERM or SIGINT. Raises OSError where the address cannot be bound."""
    settle()
    gc.set_threshold(20_000, 10, 10)
    server.run()


def settle() -> None:
    """What is there by now stays: no need to look at it at every full collection."""
    gc.collect()
    gc.freeze()


def read_images(path: Path | None) -> Mapping[str, Image]:
    """Image configurations from a file, none without one. Raises ImageConfigsError."""
    if path is None:
        return {}
    try:
        return configuration.read_all(msgspec.json.decode(path.read_bytes()))
    except (OSError, ValueError) as error:
        raise ImageConfigsError(f"{path}: {getattr(error, 'strerror', None) or error}") from error


def now() -> datetime:
    """The time, with its zone."""
    return datetime.now(UTC)


def _collect_library_logs(log: Log) -> None:
    for name in ("uvicorn.error", "asyncio", "kubernetes.aio"):
        logger = logging.getLogger(name)
        logger.handlers = [LibraryHandler(log)]
        logger.propagate = False
        # Every peer that breaks off would be a warning; the metrics count them.
        logger.setLevel(logging.ERROR)
