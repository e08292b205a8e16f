"""The node agent in a cluster, put together.

    on                 what
    -----------------  ------------------------------------------------------------------------
    the event loop     watches of pods, namespaces and the settings, reports, what is served
                       over HTTP
    thread "watch"     processes: which begin and end, whose they are
    thread "drain"     events of the kernel become spans
    threads "attach"   binaries are read and probed
    thread "observe"   what containers run is looked at
    thread "export"    spans are sent

Where nothing can be traced the rest goes on, and tracing is tried again later.
"""

import asyncio
import logging
import signal
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

from kube.backoff import Backoff
from kube.client import Client, connect
from kube.errors import KubeError
from kube.reflector import Reflector
from nodeagent.cluster import namespaces, pods, settings
from nodeagent.cluster.cgroup import Place
from nodeagent.cluster.directory import Directory
from nodeagent.cluster.discovery import Discovery
from nodeagent.cluster.endpoint import Answer, serve
from nodeagent.cluster.heartbeats import Heartbeats
from nodeagent.cluster.measured import (
    of_discovery,
    of_propagation,
    of_reports,
    of_tracing,
    of_watches,
)
from nodeagent.cluster.metrics import Measures
from nodeagent.cluster.observer import Observer, explained
from nodeagent.cluster.options import Options
from nodeagent.cluster.pod import PodObject
from nodeagent.cluster.sender import Sender
from nodeagent.cluster.standing import standing, tell
from nodeagent.cluster.tracing import UNTRIED, Tracing
from nodeagent.cluster.watching import Watching
from nodeagent.observing.application import Seen
from nodeagent.observing.reporter import Reporter
from nodeagent.spans.queue import Queue
from nodeagent.tracing.follower import Outcome
from nodeagent.tracing.opening import Opening
from nodeagent.tracing.process import Process
from nodeagent.tracing.tracer import Tracer
from webhook.namespaces import NamespaceObject
from webhook.settings import Settings

_log = logging.getLogger(__name__)

_TRY_AGAIN = 300.0
_READY = 0.05


def run(options: Options, announce: Callable[[str], None]) -> None:
    """Trace and observe until SIGTERM or Ctrl-C. Raises KubeconfigError, OSError for the address.

    An API server that is away is no error, nor is a machine on which nothing can be traced.
    """
    asyncio.run(NodeAgent(options, announce).run())


class NodeAgent:
    """The agent of one node."""

    def __init__(
        self,
        options: Options,
        announce: Callable[[str], None],
        make: Callable[[], Tracer] | None = None,
    ) -> None:
        self._options = options
        self._opening = Opening(options.propagation)
        self._announce = announce
        self._directory = Directory(None if options.salvage else options.settings)
        self._sender = Sender(options.endpoint, announce)
        if options.salvage is None:
            self._sender.take(options.settings)
        queue = Queue(self._sender)
        self._beats = beats = Heartbeats()
        self._tracing = Tracing(queue, self._traced, make or self._opening, beats)
        self._observer = Observer(
            self._directory.pods.get, self._within, self._pass_on, beats=beats
        )
        self._discovery = Discovery(
            self._directory, self._tracing, self._observer, options.ratio, options.proc
        )
        self._watching = Watching(self._directory, self._discovery, beats=beats)
        self._watches: dict[str, Reflector[Any]] = {}
        self._reporter: Reporter | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self.measures = Measures()
        """What is counted; more may be added."""
        self.port = 0
        """Where metrics are served, once they are."""

    async def run(self) -> None:
        """Run until SIGTERM or SIGINT."""
        self._loop = asyncio.get_running_loop()
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, stop.set)
        async with connect(self._options.kubeconfig) as client:
            await self.until(stop, client)

    async def until(self, stop: asyncio.Event, client: Client) -> None:
        """Run until told to stop."""
        self._loop = asyncio.get_running_loop()
        self._reporter = reporter = Reporter(client, self._options.node)
        self._watch(client)
        self._measure(reporter)
        pages = {"/metrics": self.measures.page(), "/healthz": self._well, "/readyz": self._ready}
        server = await serve(pages, self._options.host, self._options.port)
        self.port = server.sockets[0].getsockname()[1]
        async with server, self._threads(), self._tasks(reporter):
            await stop.wait()

    def _watch(self, client: Client) -> None:
        self._watches["pods"] = Reflector(
            client,
            pods.PATH,
            PodObject,
            self._directory.pods,
            field_selector=f"spec.nodeName={self._options.node}",
            told=lambda error: self._contact("pods", error),
        )
        self._watches["namespaces"] = Reflector(
            client,
            namespaces.PATH,
            NamespaceObject,
            self._directory.namespaces,
            told=lambda error: self._contact("namespaces", error),
        )
        if self._options.salvage is not None:
            self._watch_settings(client, self._options.salvage)

    def _watch_settings(self, client: Client, salvage: settings.Salvage) -> None:
        handler = settings.SettingsWatch(salvage, self._take, self._announce)
        self._watches["settings"] = Reflector(
            client,
            settings.place(self._options.namespace),
            settings.SettingsObject,
            handler,
            field_selector=settings.SELECTOR,
            told=handler.contact,
        )

    def _take(self, new: Settings) -> None:
        self._sender.take(new)
        self._directory.take(new)

    def _measure(self, reporter: Reporter) -> None:
        self.measures.add(
            *of_tracing(self._tracing),
            of_propagation(lambda: self._opening.paths),
            *of_discovery(self._discovery, self._observer),
            *of_reports(reporter.counts),
            *of_watches(dict(self._watches)),
        )

    @asynccontextmanager
    async def _tasks(self, reporter: Reporter) -> AsyncIterator[None]:
        runs = (
            *(watch.run for watch in self._watches.values()),
            *(reporter.run, self._begin, self._say_ready),
            lambda: tell(self._standing, reporter.put),
        )
        tasks = [asyncio.create_task(_look_after(run)) for run in runs]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    @asynccontextmanager
    async def _threads(self) -> AsyncIterator[None]:
        stop = threading.Event()
        threads = [
            threading.Thread(target=run, args=(stop,), name=name, daemon=True)
            for name, run in (("watch", self._watching.run), ("observe", self._observer.run))
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            stop.set()
            for thread in threads:
                await asyncio.to_thread(thread.join)
            await asyncio.to_thread(self._tracing.close)
            self._announce(self._summary())

    async def _begin(self) -> None:
        """Begin to trace; where that is not possible say so once, and try again now and then."""
        said = ""
        while not await asyncio.to_thread(self._tracing.begin):
            why = self._tracing.why_not or ""
            if why != said:
                self._announce(f"nothing is traced, containers are observed only: {why}")
                said = why
            await asyncio.sleep(_TRY_AGAIN)
        self._watching.anew()

    async def _say_ready(self) -> None:
        while self._lacking():  # noqa: ASYNC110 - at the start only
            await asyncio.sleep(_READY)
        self._announce(f"ready on {self._options.node}, metrics at port {self.port}")

    def _standing(self) -> Seen | None:
        pod, why_not = self._directory.pods.get(self._options.pod), self._tracing.why_not
        if pod is None:
            return None
        return standing(pod.document, self._options.node, why_not, self._opening.paths)

    def _lacking(self) -> list[str]:
        """What has to be there before it is ready; that nothing can be traced does not matter."""
        lacking = [
            f"{name}: {one.error or 'not read yet'}"
            for name, one in self._watches.items()
            if not (one.synced or (name == "settings" and self._directory.settings is not None))
        ]
        if self._tracing.why_not == UNTRIED:
            lacking.append(f"tracing: {UNTRIED}")
        return lacking

    def _ready(self) -> Answer:
        lacking = self._lacking()
        if lacking:
            text = "".join(f"{one}\n" for one in lacking)
            return Answer(text.encode(), status=HTTPStatus.SERVICE_UNAVAILABLE)
        why = self._tracing.why_not
        return Answer(f"nothing is traced: {why}\n".encode() if why else b"ok\n")

    def _well(self) -> Answer:
        late = self._beats.late()
        if not late:
            return Answer(b"ok\n")
        text = "".join(f"thread {name}: silent, {by:.0f} s late\n" for name, by in late.items())
        return Answer(text.encode(), status=HTTPStatus.SERVICE_UNAVAILABLE)

    def _contact(self, what: str, error: KubeError | None) -> None:
        self._announce(f"{what}: {error}" if error else f"{what}: in contact again")

    def _within(self, place: Place) -> list[Process]:
        return self._discovery.within(place)

    def _traced(self, outcome: Outcome) -> None:
        self._observer.traced(outcome)
        failures = self._discovery.retries.told(outcome)
        if failures <= 1 and (line := _said(outcome)):  # of the same again it is said once
            self._announce(line)

    def _pass_on(self, seen: Seen) -> None:
        if self._reporter is not None and self._loop is not None:
            why = None if self._tracing.why_not == UNTRIED else self._tracing.why_not
            self._loop.call_soon_threadsafe(self._reporter.put, explained(seen, why))

    def _summary(self) -> str:
        tally = self._tracing.queue.tally
        return f"spans: sent {tally.sent}, dropped {tally.dropped}, failed {tally.failed}"


async def _look_after(run: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run until it returns; what a bug ends is begun anew, later each time."""
    backoff = Backoff(first=1.0, longest=60.0)
    while True:
        try:
            return await run()
        except Exception:  # noqa: BLE001 - whatever it is, the others go on
            _log.exception("begun anew")
            await asyncio.sleep(backoff.next())


def _said(outcome: Outcome) -> str:
    """A line for a person about a process that came to be traced, or should have been."""
    attributes = outcome.wanted.attributes
    where = "/".join(
        attributes.get(key, "")
        for key in ("k8s.namespace.name", "k8s.pod.name", "k8s.container.name")
    )
    binary = outcome.binary
    if binary is None:
        again = "; it is tried again" if outcome.may_pass else ""
        return f"{where}: not traced: {outcome.why_not}{again}" if outcome.is_go else ""
    off = "".join(f"; {probe} is off: {why}" for probe, why in binary.off.items())
    verb = "traced" if binary.uprobes else "nothing to trace"
    return f"{where}: {verb}: {outcome.service}, Go {binary.version}{off}"
