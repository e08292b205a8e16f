"""Admissions of pods whose images nobody has seen: what the webhook does, without HTTP."""

import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from time import perf_counter

from inspection.inspector import connect
from registry.keyring import Keyring
from registry.spent import Spent
from tests.registry.debian import Running
from tests.registry.measure import PARALLEL, Timed
from tests.webhook.server.cluster.recording import Recording
from tests.webhook.server.serving import review
from webhook.images.profile import Profile
from webhook.model import Facts
from webhook.server.cluster.image_facts import asked
from webhook.server.cluster.lookup import SECONDS, Lookup, Sources
from webhook.server.cluster.lookup_counts import Counts
from webhook.server.cluster.profiles import Profiles
from webhook.server.limits import Limits
from webhook.server.reviewer import Reviewer
from webhook.server.waiting import Waiting
from webhook.settings import ImageInspectionSettings, Settings


@dataclass(frozen=True, slots=True)
class Admissions:
    """Pods admitted in the order of their images, and all requests that were sent for them."""

    each: tuple[Timed, ...]
    requests: int


class _Nobody:
    """No credentials: the registry asks for none."""

    async def keyring(self, namespace: str, names: Sequence[str]) -> Keyring:  # noqa: ARG002
        return Keyring()


@dataclass
class _Webhook:
    """What answers reviews in a cluster, without the cluster."""

    settings: Settings
    sources: Sources
    recording: Recording = field(default_factory=Recording)

    def __post_init__(self) -> None:
        counts = Counts(self.recording.log, self.recording.telemetry)
        self.lookup = Lookup(self.sources, counts)
        facts = Facts(self.sources.profiles.known)
        self.reviewer = Reviewer(self.settings, facts, opted_in=True, asks=True)
        self.waiting = Waiting(
            self.reviewer,
            lambda one, missing, until: self.lookup.fetch(asked(one, missing), until),
            Limits(),
        )

    @property
    def requests(self) -> int:
        """What registries were asked until now."""
        name = "spanhook_image_lookup_requests_total"
        return round(self.recording.metric(name) or 0)

    async def admit(self, image: str) -> Timed:
        """A pod of one image, which is found where the answer injects."""
        spec = {"containers": [{"name": "app", "image": image}]}
        pod = {"metadata": {"generateName": "app-"}, "spec": spec}
        body = json.dumps(review(object=pod)).encode()
        began = perf_counter()
        answer = self.reviewer.answer(body)
        if answer.missing:
            answer = await self.waiting(answer, len(body), b"timeout=3s")
        seconds = perf_counter() - began
        return Timed(seconds, Spent(), found="patch" in json.loads(answer.body)["response"])


async def admissions(running: Running, count: int) -> tuple[Admissions, Admissions]:
    """Cold and then warm: the same pods once more. `count` images, `PARALLEL` pods at a time."""
    hosts = (running.host,)
    inspection = ImageInspectionSettings(
        local=hosts, platforms=("linux/amd64",), certificate_authorities=running.authority
    )
    recording = Recording()
    profiles = Profiles(recording.log, recording.telemetry)
    async with connect(inspection) as inspector:
        written = _Written(count)
        sources = Sources(lambda: inspector, _Nobody(), profiles, written)
        webhook = _Webhook(Settings(image_inspection=inspection), sources, recording)
        images = [f"{running.host}/bench/app{number}:1" for number in range(count)]
        cold = await _all(webhook, images)
        await written.wait()
        warm = await _all(webhook, images)
        await webhook.lookup.close()
    return cold, warm


class _Written:
    """Where profiles go that were learnt; knows when all are there."""

    def __init__(self, count: int) -> None:
        self._left = count
        self._all = asyncio.Event()

    def __call__(self, _: Profile) -> None:
        self._left -= 1
        if not self._left:
            self._all.set()

    async def wait(self) -> None:
        """For the look-ups that go on behind pods which could not wait for them, while they do."""
        with suppress(TimeoutError):
            async with asyncio.timeout(SECONDS):
                await self._all.wait()


async def _all(webhook: _Webhook, images: Sequence[str]) -> Admissions:
    before = webhook.requests
    turns = asyncio.Semaphore(PARALLEL)

    async def one(image: str) -> Timed:
        async with turns:
            return await webhook.admit(image)

    each = await asyncio.gather(*map(one, images))
    return Admissions(tuple(each), webhook.requests - before)
