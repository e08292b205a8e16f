"""What only the leader does: it moves rotations on, and keeps the caBundle right.

Each time everything is read anew: the configuration, then the Secret, then the replicas' Leases.
It plans once (`certs.rotation.plan`) and writes under the resourceVersions that were read: who
believed for too long that it leads changes nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic

from certs import bundle
from certs.authority import Leaf, Name
from certs.holdings import Holdings, Phase, Time
from certs.rotation import Plan, Seen, Timing, Watch, plan
from kube.errors import ApiError
from webhook.server.cluster.certificate_bundles import Bundles, Configuration
from webhook.server.cluster.certificate_notices import Notices
from webhook.server.cluster.certificate_secret import Secret, SecretStore
from webhook.server.cluster.replicas import Replicas

_KNOWN = 32
_TEST_FAILED = 422
"""What a JSON patch is answered whose test fails."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What the leader stands on.

    `holdings`: what the Secret has, or has to have. `secret`: the one to write to, None where it is
    not there or its content is kept out. `leaf`: what we serve.
    """

    configuration: Configuration | None
    holdings: Holdings | None
    secret: Secret | None
    leaf: Leaf | None
    time: Time


@dataclass(frozen=True, slots=True)
class Stores:
    """Where things are."""

    secret: SecretStore
    bundles: Bundles
    replicas: Replicas


class Leader:
    """Leads while `is_leader` says so. Methods raise `kube.errors.KubeError`."""

    def __init__(  # noqa: PLR0913  # each of another kind, all by name
        self,
        *,
        stores: Stores,
        replica: str,
        names: Sequence[Name],
        timing: Timing,
        notices: Notices,
        is_leader: Callable[[], bool],
    ) -> None:
        self._stores = stores
        self._replica = replica
        self._names = names
        self._timing = timing
        self._notices = notices
        self._is_leader = is_leader
        self._watch = Watch()
        self._waits = ""
        self._known: dict[bytes, None] = {}
        self.phase: Phase | None = None

    def retire(self) -> None:
        """We lead no more: what was seen before counts no more."""
        self._watch = Watch()
        self.phase = None
        self._notices.leads(None, in_place=False)

    def remember(self, certificates: Sequence[bytes]) -> None:
        """Authorities that somebody may still serve a leaf of."""
        self._known |= dict.fromkeys(certificates)
        for oldest in list(self._known)[:-_KNOWN]:
            del self._known[oldest]

    async def lead(self, ground: Ground) -> bool:
        """Look, and do what is to be done; whether anything was written, or has to be read anew."""
        configuration = ground.configuration
        bundles = () if configuration is None else configuration.bundles
        self.remember([one for entry in bundles for one in entry])
        serving = await self._stores.replicas.others()
        if ground.leaf is not None:
            serving[self._replica] = bundle.issuer(ground.leaf.certificate)
        seen = Seen(
            ground.time,
            timedelta(seconds=monotonic()),
            bundles,
            serving,
            ground.secret.asked if ground.secret is not None else None,
            tuple(self._known),
        )
        made = plan(ground.holdings, seen, self._watch, self._names, self._timing)
        self._watch = made.watch
        self._tell(made, configuration)
        patched = await self._patch(made, configuration)
        written = await self._write(made, ground.secret)
        return patched or written

    async def _patch(self, made: Plan, configuration: Configuration | None) -> bool:
        if made.bundle is None or configuration is None or not self._is_leader():
            return False
        try:
            await self._stores.bundles.write(configuration, made.bundle)
        except ApiError as error:
            if error.status == _TEST_FAILED or error.conflict:
                return True
            self._notices.wrong("bundle", f"the caBundle cannot be put in place: {error}")
            return False
        self._notices.did("caBundle patched", authorities=_names(made.bundle))
        return True

    async def _write(self, made: Plan, secret: Secret | None) -> bool:
        if made.write is None or secret is None or not self._is_leader():
            return False
        try:
            await self._stores.secret.write(secret, made.write, settled=made.settled)
        except ApiError as error:
            if error.conflict or error.not_found:
                return True
            self._notices.wrong("write", f"the Secret cannot be written: {error}")
            return False
        self._notices.wrong("write", None)
        if made.move is not None:
            self._notices.moved(made.move, _names(made.write.trusted))
        return True

    def _tell(self, made: Plan, configuration: Configuration | None) -> None:
        if made.waits != self._waits:
            self._waits = made.waits
            said = f"rotation waits for {made.waits}" if made.waits else "rotation goes on"
            self._notices.did(said, phase=made.phase)
        self.phase = made.phase
        in_place = configuration is not None and made.bundle is None
        self._notices.leads(made.phase, in_place=in_place)
        if in_place:
            self._notices.wrong("bundle", None)


def _names(certificates: Sequence[bytes]) -> str:
    return ", ".join(map(bundle.subject, certificates))
