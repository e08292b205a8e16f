"""The cluster's certificate: read from the Secret, kept in memory, said in a Lease, and served.

Every replica does rounds: when the Secret or the configuration changes, and every ten seconds. A
watch only wakes us; what counts is read anew, so that nothing is taken for new that is old.

the Secret                        with a certificate in memory        without one
--------------------------------  ----------------------------------  ------------------------------
is not there                      served on, and said                 waited for
is empty                          put back from memory                the leader makes an authority
broken, or of an authority that   kept out, said, and put back from   what is sound of it is used,
API servers would not believe     memory                              else waited for
anything else                     taken up, no connection dropped     taken up

What is provided by somebody else is only read; where it does not do, the last that did is served.

A replica that starts says in its Lease what it is about to serve, reads the Secret once more, and
only then serves it: so no leader can retire its authority in between.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic

import msgspec

from certs.authority import Leaf
from certs.rotation import Timing
from kube.backoff import Backoff
from kube.errors import ApiError, KubeError
from kube.paths import path
from kube.reflector import Reflector
from webhook.server.cluster import certificate_bundles
from webhook.server.cluster.certificate_bundles import Bundles, Configuration
from webhook.server.cluster.certificate_clock import Clock
from webhook.server.cluster.certificate_custody import Custody, Own, Provided, Verdict, View
from webhook.server.cluster.certificate_leader import Ground, Leader, Stores
from webhook.server.cluster.certificate_notices import Notices
from webhook.server.cluster.certificate_secret import SecretStore
from webhook.server.cluster.context import Context
from webhook.server.cluster.replicas import Replicas

_INTERVAL_SECONDS = 10.0
_GOODBYE_SECONDS = 2.0
_SKEW = timedelta(minutes=5)
"""Clocks that are further apart are worth a word. (Nothing breaks: see `certs.holdings.Time`.)"""


class Certificates:
    """Looks after the certificate while `run` runs: the `Keeper` of `Served`."""

    def __init__(self, context: Context) -> None:
        options, client = context.options, context.client
        timing = Timing(hold=timedelta(seconds=options.rotation_hold))
        service = f"{options.service}.{options.namespace}"
        self._context = context
        # Many rounds fit into a hold.
        self._interval = min(_INTERVAL_SECONDS, options.rotation_hold / 6)
        self._own = options.certificates == "own"
        self._notices = Notices(context)
        self._clock = Clock()
        self._wake = asyncio.Event()
        self._backoff = Backoff(first=0.05, longest=self._interval)
        context.leadership.tell(self._leads)
        self._stores = Stores(
            SecretStore(client, options.namespace, options.certificate_secret),
            Bundles(client, options.webhook_configuration),
            Replicas(
                client,
                options.namespace,
                options.replica,
                certificates=options.certificates,
                interval=self._interval,
            ),
        )
        self._leader = Leader(
            stores=self._stores,
            replica=options.replica,
            names=(f"{service}.svc", service, options.service, *options.endpoint.subjects),
            timing=timing,
            notices=self._notices,
            is_leader=lambda: self.is_leader,
        )
        self._custody = self._custodian((f"{service}.svc",), timing)
        self._leaf: Leaf | None = None
        self._announced: Leaf | None = None
        self._told: tuple[Leaf | None, str | None] | None = None
        self._told_at = 0.0
        telemetry = context.telemetry
        telemetry.watch(
            "clock_skew_seconds",
            "How far our clock and the API server's are apart.",
            lambda: self._clock.skew / timedelta(seconds=1),
        )

    @property
    def leaf(self) -> Leaf | None:
        """What to serve now; None while there is none."""
        return self._leaf

    @property
    def problem(self) -> str | None:
        """What is wrong now, or waited for; None when all is well."""
        return self._notices.problem

    @property
    def is_leader(self) -> bool:
        """Whether this replica leads."""
        return self._context.leadership.is_leader

    async def run(self) -> None:
        """Do rounds until cancelled; then take our Lease away."""
        async with asyncio.TaskGroup() as tasks:
            for run in (self._rounds, *self._watches()):
                tasks.create_task(_endless(run))

    def _custodian(self, names: tuple[str, ...], timing: Timing) -> Custody:
        if not self._own:
            return Provided(names, self._notices)
        return Own(
            stores=self._stores,
            leader=self._leader,
            names=names,
            notices=self._notices,
            is_leader=lambda: self.is_leader,
            interval=self._interval,
            patience=timing.hold.total_seconds(),
        )

    def _watches(self) -> Iterable[Callable[[], Awaitable[None]]]:
        """What wakes us."""
        options = self._context.options
        yield self._watch(
            path("v1", "secrets", namespace=options.namespace), options.certificate_secret
        )
        if self._own:
            yield self._watch(
                path(certificate_bundles.API_VERSION, certificate_bundles.PLURAL),
                options.webhook_configuration,
            )

    def _watch(self, collection: str, name: str) -> Callable[[], Awaitable[None]]:
        # By the field selector a role that names the object allows it.
        selector = f"metadata.name={name}"
        waker = _Waker(self._wake)
        return Reflector(
            self._context.client, collection, _Anything, waker, field_selector=selector
        ).run

    async def _rounds(self) -> None:
        try:
            while True:
                if await self._round_or_say():
                    await asyncio.sleep(self._backoff.next())
                    continue
                self._backoff.reset()
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._interval):
                        await self._wake.wait()
        finally:
            self._told = None  # a bug may have ended us: then we start anew, and say it anew
            with suppress(KubeError, TimeoutError):
                async with asyncio.timeout(_GOODBYE_SECONDS):
                    await self._stores.replicas.remove()

    async def _round_or_say(self) -> bool:
        """Do a round; whether another has to follow at once, or soon as this one failed."""
        self._wake.clear()
        try:
            again = await self._round()
        except KubeError as error:
            what = "refuses" if isinstance(error, ApiError) else "is not there"
            self._notices.wrong("api", f"the API server {what}: {error}")
            return True
        self._notices.wrong("api", None)
        return again

    async def _round(self) -> bool:
        if self._told is None:
            await self._tell()  # and hear what time it is
        leads = self._own and self.is_leader
        configuration = await self._configuration() if leads else None
        secret = await self._stores.secret.read()
        self._notices.uid = "" if secret is None else secret.uid
        time = self._clock.now()
        verdict = await self._custody.examine(View(secret, configuration, time))
        again = self._serve(verdict)
        if leads and self.is_leader:
            writable = secret if verdict.writable else None
            ground = Ground(configuration, verdict.holdings, writable, self._leaf, time)
            again |= await self._leader.lead(ground)
        await self._tell()
        if self.is_leader:
            await self._stores.replicas.sweep()
        return again or verdict.again

    async def _configuration(self) -> Configuration | None:
        """None where there is none, or where we may not read it: the rest is done all the same."""
        name = f"the MutatingWebhookConfiguration {self._context.options.webhook_configuration}"
        try:
            found = await self._stores.bundles.read()
        except ApiError as error:
            self._notices.wrong("configuration", f"{name} cannot be read: {error}")
            return None
        if found is None:
            what = "does not exist"
        elif not found.entries:
            what = "has no entry of ours"
        else:
            self._notices.wrong("configuration", None)
            return found
        self._notices.wrong("configuration", f"{name} {what}: no API server calls us yet")
        return None

    def _serve(self, verdict: Verdict) -> bool:
        """Serve the leaf, the first one only after it was announced; whether that comes now."""
        leaf = verdict.leaf
        if leaf is None or leaf == self._leaf:
            return False
        if self._leaf is None and leaf != self._announced:
            self._announced = leaf
            return True
        self._leaf = leaf
        self._context.refresh()
        return False

    async def _tell(self) -> None:
        """Renew our Lease where it is time, or where it says something else."""
        phase = self._leader.phase
        telling = (self._leaf or self._announced, None if phase is None else phase.value)
        now = monotonic()
        if telling == self._told and now - self._told_at < self._interval * 0.9:
            return
        self._clock.hear(await self._stores.replicas.publish(*telling))
        self._told, self._told_at = telling, now
        # How far exactly is the metric's to say: another text would be another Event each time.
        apart = "our clock and the API server's are over 5 minutes apart"
        self._notices.wrong("clock", apart if self._clock.skew > _SKEW else None)

    def _leads(self, leads: bool) -> None:  # noqa: FBT001  # `Leadership` calls it so
        if not leads:
            self._leader.retire()
        self._wake.set()


class _Anything(msgspec.Struct):
    """An object that is not looked at."""


@dataclass(frozen=True, slots=True)
class _Waker:
    """Takes every change for a reason to look."""

    wake: asyncio.Event

    def replaced(self, _objects: Iterable[_Anything]) -> None:
        """All objects there are."""
        self.wake.set()

    def changed(self, _item: _Anything) -> None:
        """One more, or another."""
        self.wake.set()

    def removed(self, _item: _Anything) -> None:
        """One less."""
        self.wake.set()


async def _endless(run: Callable[[], Awaitable[None]]) -> None:
    await run()
