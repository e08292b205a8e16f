"""From a cluster to a Status: what is asked for, in which order, and how much at a time."""

from collections.abc import Container, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby

from console.manifests.errors import InputError
from console.status import documents, faults, nodes, observed, profiles
from console.status.configmaps import ConfigMaps
from console.status.documents import found, metadata
from console.status.findings import findings
from console.status.images import Met, Ways, opened
from console.status.installation import Judged, gather, judge
from console.status.known import Known
from console.status.model import (
    ImageInspection,
    NamespaceStatus,
    Remedy,
    Severity,
    Status,
    Unread,
)
from console.status.namespaces import Place, place, unlabelled
from console.status.observed import Seen
from console.status.pods import Rules
from console.status.profiles import Profiles
from console.status.progress import Progress
from console.status.remedies import ROLLED, Pending, remedy
from console.status.requests import limited, pages, read, refused
from console.status.selectors import reached
from console.status.tally import Key, Tally
from kube.client import Client
from kube.errors import ApiError, Unreachable
from kube.pages import begun_anew
from kube.paths import path
from webhook.images.profile.known import Digests
from webhook.model import Facts, Object
from webhook.optin import ENABLED, LABEL
from webhook.status import INJECTED

OPTED_IN = f"{LABEL}={ENABLED}"
"""The label selector of what is opted in."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What to look at: the namespace of the installation, and namespaces of pods.

    Without `namespaces` all that are opted in; `all_or_nothing`: never fewer for lack of rights.
    """

    system: str
    namespaces: tuple[str, ...] = ()
    all_or_nothing: bool = False


async def status(client: Client, scope: Scope, progress: Progress, now: datetime) -> Status:
    """The state of an installation and of its pods.

    Ages are told by the API server's clock: our machine's may be off. `now` is for where it tells
    none. What may not be read becomes an Unread. Raises kube.errors.Unreachable where nobody
    answers, and ApiError where nobody knows the credentials; InputError for a namespace that is not
    there.
    """
    read_ = await gather(client, scope.system)
    now = client.time or now
    judged = judge(read_, now)
    told, unread = await profiles.gather(client, judged.settings.image_inspection, now)
    ran, unseen = await observed.gather(client, now)
    agents, unheard = await nodes.gather(client, ran.told(scope.namespaces))
    not_read = [*read_.unread(), *(one for one in (unread, unseen, *unheard) if one)]
    reader = _Reader(client, scope, progress, judged, told, ran.seen, not_read)
    namespaces = await reader.namespaces()
    known = Known(
        namespace=scope.system,
        webhook=reader.judged.webhook,
        certificates=reader.judged.certificates,
        images=reader.images(),
        nodes=agents,
        namespaces=tuple(sorted(namespaces, key=lambda one: one.name)),
        unread=tuple(reader.unread),
        whole=not scope.namespaces,
        now=now,
    )
    said = findings(known)
    return Status(
        at=now,
        healthy=all(one.severity is not Severity.PROBLEM for one in said),
        findings=said,
        unread=known.unread,
        webhook=known.webhook,
        certificates=known.certificates,
        images=known.images,
        nodes=known.nodes,
        namespaces=known.namespaces,
    )


@dataclass(slots=True)
class _Reader:
    """Reads namespaces and their pods, and notes what it may not read."""

    client: Client
    scope: Scope
    progress: Progress
    judged: Judged
    profiles: Profiles
    seen: Seen
    unread: list[Unread] = field(default_factory=list)
    gaps: list[Met] = field(default_factory=list)

    async def namespaces(self) -> list[NamespaceStatus]:
        """What is opted in, namespace by namespace."""
        places = await self._places()
        chosen = self.scope.namespaces
        self.progress.total = len(places)
        tallies = [one for found in await limited(self._namespace, places) for one in found]
        if self._whole:
            tallies += await self._elsewhere({one.name for one in places})
        counted = [one for one in tallies if one.counted or one.opted_in or one.name in chosen]
        return await limited(self._mended, counted)

    def images(self) -> ImageInspection:
        """What is known of images; after `namespaces`."""
        found, judged = self.profiles, self.judged
        ways = Ways(self.scope.system, judged.settings.image_inspection, judged.asks)
        return ImageInspection(
            enabled=judged.asks,
            defined=found.is_defined,
            profiles=found.count,
            bad=tuple(f"{name}: {problem}" for name, problem in sorted(found.bad.items())),
            open=opened(self.gaps, ways),
        )

    @property
    def _whole(self) -> bool:
        """Whether the whole cluster is looked at, and may be."""
        refusals = (one.what for one in self.unread)
        return not self.scope.namespaces and documents.NAMESPACES not in refusals

    async def _places(self) -> list[Place]:
        """The namespaces to look at."""
        if self.scope.namespaces:
            return [await self._chosen(name) for name in dict.fromkeys(self.scope.namespaces)]
        all_namespaces = pages(self.client, path("v1", "namespaces"), labelSelector=OPTED_IN)
        try:
            return [place(one) async for page in all_namespaces for one in page]
        except (ApiError, Unreachable) as error:
            self._note(refused("pods", documents.NAMESPACES, error))
        if self.scope.all_or_nothing:
            return []
        return [await self._place(self.client.namespace or "default")]

    async def _chosen(self, name: str) -> Place:
        """A namespace that a person named. Raises InputError where there is none."""
        found = await self._live(name)
        if found is None:
            raise InputError(f'there is no namespace "{name}"')
        return found

    async def _place(self, name: str) -> Place:
        return await self._live(name) or unlabelled(name)

    async def _live(self, name: str) -> Place | None:
        """A namespace as far as it may be read, None where there is none."""
        what = f"the labels of namespace {name}"
        answer = await read(self.client, "pods", what, path("v1", "namespaces", name=name))
        if isinstance(answer, Unread):
            self._note(answer)
            return unlabelled(name)
        return None if answer is None else place(answer)

    async def _namespace(self, where: Place) -> list[Tally]:
        """The pods of a namespace."""
        at = path("v1", "pods", namespace=where.name)
        counters = await self._counters(f"pods of {where.name}", at, {where.name: where})
        self.progress.read(namespaces=1)
        return [one.tally for one in counters]

    async def _elsewhere(self, opted_in: set[str]) -> list[Tally]:
        """The pods that their own label opts in, in namespaces other than these."""
        at, what = path("v1", "pods"), "opted-in pods of other namespaces"
        counters = await self._counters(what, at, {}, opted_in, labelSelector=OPTED_IN)
        return [one.tally for one in counters]

    async def _counters(
        self,
        what: str,
        at: str,
        places: dict[str, Place],
        without: Container[str] = (),
        **query: str,
    ) -> list["_Counter"]:
        """Count the pods of a list by namespace; `places` are counted even without pods."""
        counters: dict[str, _Counter] = {}

        async def count() -> None:
            counters.clear()
            counters.update((name, self._counter(one)) for name, one in places.items())
            async for page in pages(self.client, at, **query):
                await self._page(counters, (one for one in page if _name(one) not in without))

        try:
            await begun_anew(count)
        except (ApiError, Unreachable) as error:
            self._note(refused("pods", what, error))
        for one in counters.values():
            if one.config_maps.refused is not None:
                self._note(one.config_maps.refused)
        return list(counters.values())

    async def _page(self, counters: dict[str, "_Counter"], pods: Iterable[Object]) -> None:
        for name, group in groupby(pods, key=_name):
            if name not in counters:
                counters[name] = self._counter(await self._place(name))
            found = list(group)
            await counters[name].add(found)
            self.progress.read(pods=len(found))

    @property
    def _counts_profiles(self) -> bool:
        """Whether an image without a profile is one that the webhook has yet to ask for."""
        enabled = self.judged.settings.image_inspection.enabled
        return enabled and self.profiles.count is not None

    def _counter(self, where: Place) -> "_Counter":
        judged, config_maps = self.judged, ConfigMaps(self.client, where.name)
        rules = Rules(
            where.namespace,
            Facts(
                self.profiles.known,
                config_maps.known,
                observed=self.seen,
                digests=Digests(self.profiles.known),
            ),
            judged.settings,
            judged.installed,
            where.since if where.opted_in else None,
            self.profiles if self._counts_profiles else None,
        )
        sent = not judged.entries or reached(judged.entries, where.name, where.namespace.labels)
        return _Counter(Tally(rules, where.opted_in, sent), config_maps)

    async def _mended(self, tally: Tally) -> NamespaceStatus:
        """A namespace's status, with what to do about its pending workloads."""
        if tally.lacks_images:
            said, unread = await faults.gather(self.client, tally.name)
            if unread is not None:
                self._note(unread)
            tally.blame(said)
        self.gaps += tally.gaps()
        remedies: dict[Key, Remedy] = {}
        for pending in tally.pending():
            live = await self._workload(pending) if pending.kind in ROLLED else None
            remedies[pending.kind, pending.name] = remedy(replace(pending, live=live))
        return tally.status(remedies)

    async def _workload(self, pending: Pending) -> Object | None:
        """How the workload is rolled out, None where that may not be read."""
        plural = ROLLED[pending.kind]
        at = path("apps/v1", plural, namespace=pending.namespace, name=pending.name)
        what = f"{plural} of {pending.namespace}"
        answer = await read(self.client, "pods", what, at)
        if isinstance(answer, Unread):
            self._note(answer)
        return found(answer)

    def _note(self, unread: Unread) -> None:
        if unread not in self.unread:
            self.unread.append(unread)


@dataclass(slots=True)
class _Counter:
    tally: Tally
    config_maps: ConfigMaps

    async def add(self, pods: list[Object]) -> None:
        """Count pods, having read what those not injected yet refer to."""
        await self.config_maps.look(one for one in pods if INJECTED not in _labels(one))
        for pod in pods:
            self.tally.add(pod)


def _name(pod: Object) -> str:
    return str(metadata(pod).get("namespace", ""))


def _labels(pod: Object) -> Object:
    return metadata(pod).get("labels") or {}
