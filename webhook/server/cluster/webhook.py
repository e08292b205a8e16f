"""The webhook in a cluster, put together.

    watched        decisions get it as     ready without it?
    -------------  ----------------------  ------------------------------------------------
    namespaces     Reviewer.namespaces     no
    config maps    Reviewer.facts          only where our role does not allow to read them
    settings       Reviewer.settings       no
    image profiles Reviewer.facts          where our role does not allow it, or there are none
    what was seen  Reviewer.facts          as image profiles

Reviews count as opted in: the API server's selectors decided that before it called, and a
namespace's label may be younger than what we know of it. Labels that opt out win all the same.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from kube.client import connect
from kube.paths import path
from webhook.images.profile.known import Digests
from webhook.model import Facts
from webhook.names import SETTINGS
from webhook.namespaces import NamespaceObject
from webhook.server import service, standalone
from webhook.server.checks import Check, Note
from webhook.server.cluster import config_maps, image_facts, namespaces
from webhook.server.cluster.cache import Cache, Watched, measure
from webhook.server.cluster.certificate import Keeper, Served
from webhook.server.cluster.certificates import Certificates
from webhook.server.cluster.config_maps import ConfigMap, ConfigMaps
from webhook.server.cluster.context import Context
from webhook.server.cluster.events import Events
from webhook.server.cluster.image_facts import ImageFacts
from webhook.server.cluster.leadership import Leadership
from webhook.server.cluster.namespaces import Namespaces
from webhook.server.cluster.observed import ObservedRuntimes
from webhook.server.cluster.options import Options
from webhook.server.cluster.profiler.profiler import Profiler
from webhook.server.cluster.profiler.term import View
from webhook.server.cluster.settings import Document, SettingsStore
from webhook.server.cluster.skips import Skips
from webhook.server.cluster.tasks import Tasks
from webhook.server.listener import Listener
from webhook.server.mutate import at_once
from webhook.server.reviewer import Reviewer
from webhook.server.service import Additions, Service, read_images
from webhook.server.settings import load
from webhook.server.tls import Source
from webhook.settings import Settings

_UNREAD = "ConfigMaps may not be read: each counts as unknown (setting envFromUnknown)"


def run(options: Options, announce: Callable[[str], None] = print) -> None:
    """Serve until SIGTERM or SIGINT; `announce` gets one line when ready for the first time.

    Raises KubeconfigError, SettingsError, ImageConfigsError, CertificateFileError, and OSError
    where the address cannot be bound. An API server that is away is no error: it is waited for.
    """
    service.run(Webhook(options, announce).listener())


class Webhook:
    """The server, and what runs beside it. Raises as `run` does.

    `keep` makes what keeps the certificate, unless that comes from a directory.
    """

    def __init__(
        self,
        options: Options,
        announce: Callable[[str], None],
        keep: Callable[[Context], Keeper] | None = Certificates,
    ) -> None:
        self._options = options
        self._announce = announce
        self._keep = keep
        self._served = Served(options.endpoint)
        self._service = Service(options.endpoint, self._source())
        log, telemetry = self._service.log, self._service.telemetry
        self._events = Events(options.replica, log, telemetry)
        self._namespaces, self._config_maps = Namespaces(), ConfigMaps()
        self._observed = ObservedRuntimes(log, telemetry)
        self._images = ImageFacts(read_images(options.image_configs), log, telemetry)
        settings = load(options.settings) if options.settings is not None else Settings()
        self._images.take(settings)
        self._reviewer = Reviewer(
            settings,
            Facts(
                self._images.images,
                self._config_maps.known,
                observed=self._observed.known,
                digests=Digests(self._images.profiles.known),
            ),
            opted_in=True,
            namespaces=self._namespaces.known,
        )
        self._settings = SettingsStore(self._take, self._events.say, log)
        self._caches = tuple(Cache(watched, log) for watched in self._watched())
        measure(self._caches, telemetry)
        telemetry.watch(
            "settings_valid",
            "0 while the newest settings are wrong somewhere, so not in force.",
            lambda: not self._settings.problems,
        )
        self._port = 0

    def listener(self) -> Listener:
        """The server, not yet listening."""
        skips = Skips(self._events.say, self._service.log)
        limits = self._options.endpoint.limits
        wait = self._images.waiting(self._reviewer, limits) if self._options.inspection else at_once
        additions = Additions(
            self._listening,
            self._checks(),
            self._notes(),
            skips.observe,
            self._background,
            wait,
        )
        return self._service.listener(self._reviewer, additions)

    def _source(self) -> Source:
        if self._options.cert_dir is None:
            return self._served
        return standalone.source(self._options.endpoint, self._options.cert_dir)

    def _watched(self) -> tuple[Watched[Any], ...]:
        watched: tuple[Watched[Any], ...] = (
            Watched("namespaces", namespaces.PATH, NamespaceObject, self._namespaces),
            Watched(
                "configmaps",
                config_maps.PATH,
                ConfigMap,
                self._config_maps,
                optional=True,
                forbidden=_UNREAD,
            ),
            self._images.watched,
            self._observed.watched,
        )
        if self._options.settings is not None:
            return watched
        where = path("v1", "configmaps", namespace=self._options.namespace)
        selector = f"metadata.name={SETTINGS}"
        return (*watched, Watched("settings", where, Document, self._settings, selector))

    def _checks(self) -> dict[str, Check]:
        checks: dict[str, Check] = {one.watched.name: one.check for one in self._caches}
        if self._options.cert_dir is None:
            checks["certificate"] = self._served.check
        return checks

    def _notes(self) -> dict[str, Note]:
        notes: dict[str, Note] = {one.watched.name: one.note for one in self._caches}
        if (watched := notes.get("settings")) is not None:
            notes["settings"] = lambda: f"{self._settings.note()}; {watched()}"
        profiles = notes[image_facts.CACHE]
        notes[image_facts.CACHE] = lambda: f"{self._images.note()}; {profiles()}"
        if self._options.cert_dir is None:
            notes["certificate"] = self._served.note
        return notes

    def _take(self, settings: Settings) -> None:
        self._reviewer.settings = settings
        self._images.take(settings)

    def _profiler(self, context: Context) -> Profiler:
        known = next(one for one in self._caches if one.watched.path == namespaces.PATH)
        view = View(self._namespaces.known, lambda: known.synced, lambda: self._reviewer.settings)
        return Profiler(context, view, self._images.means())

    def _listening(self, port: int) -> None:
        self._port = port
        self._service.log.event("info", "listening", port=port)

    @asynccontextmanager
    async def _background(self) -> AsyncIterator[None]:
        options, own = self._options, self._service
        tasks = Tasks(own.log, own.telemetry)
        async with connect(options.kubeconfig, context=options.context) as client:
            for cache in self._caches:
                tasks.start(cache.watched.name, partial(cache.run, client))
            tasks.start("events", partial(self._events.run, client))
            leadership = Leadership(client, options, own.log, own.telemetry)
            tasks.start("leader", leadership.run)
            context = Context(
                client, options, own.log, own.telemetry, self._events, own.refresh, leadership
            )
            if self._keep is not None and options.cert_dir is None:
                self._served.keeper = self._keep(context)
                tasks.start("certificate", self._served.keeper.run)
            self._images.start(tasks, context)
            if options.inspection:
                tasks.start("profiler", self._profiler(context).run)
            tasks.start("ready", self._wait_until_ready)
            try:
                yield
            finally:
                await self._images.close()
                await tasks.stop()

    async def _wait_until_ready(self) -> None:
        """Say it once."""
        checks = self._checks().values()
        while not self._port or any(check() is not None for check in checks):  # noqa: ASYNC110
            await asyncio.sleep(0.05)  # at the start only
        # Ten thousand objects that stay are not worth a look at every full collection.
        service.settle()
        self._announce(f"spanhook is ready at {self._options.endpoint.url(self._port)}")
