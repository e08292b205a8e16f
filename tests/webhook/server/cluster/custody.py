"""A replica's certificates beside an API server in memory, whose answers can be chosen."""

import asyncio
from base64 import b64encode
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from certs import bundle
from certs.authority import Authority
from certs.holdings import Holdings, Time
from certs.rotation import Timing
from certs.secret import write
from kube.errors import ApiError, KubeError
from tests.certs.making import NAMES, NOW, authority, leaf
from tests.kube.playing import Clock
from tests.webhook.server.cluster.recording import Recording
from tests.webhook.server.cluster.test_replicas import Leases
from webhook.server.cluster.certificate_bundles import Bundles
from webhook.server.cluster.certificate_custody import Own, Provided, Verdict, View
from webhook.server.cluster.certificate_leader import Ground, Leader, Stores
from webhook.server.cluster.certificate_notices import Notices
from webhook.server.cluster.certificate_secret import SecretStore
from webhook.server.cluster.context import Context
from webhook.server.cluster.event import Event
from webhook.server.cluster.leadership import Leadership
from webhook.server.cluster.options import Options
from webhook.server.cluster.replicas import Replicas

SECRET = "/api/v1/namespaces/spanhook-system/secrets/spanhook-webhook-certificates"
CONFIGURATION = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/spanhook"
A, B = authority("A"), authority("B")
HOLDS_A, HOLDS_B = Holdings(A, leaf("A")), Holdings(B, leaf("B"))
FORBIDDEN = ApiError(403, "Forbidden", "no")


def secret(content: Mapping[str, bytes | None], **annotations: str) -> dict[str, Any]:
    """A Secret with this content."""
    data = {key: b64encode(value).decode() for key, value in content.items() if value is not None}
    named = {f"spanhook.dev/{name}": value for name, value in annotations.items()}
    return {"kind": "Secret", "metadata": {"annotations": named, "uid": "u-1"}, "data": data}


def configuration(*bundles: tuple[Authority, ...]) -> dict[str, Any]:
    """A configuration with an entry for each bundle, and another's entry before them."""
    entries: list[dict[str, Any]] = [{"name": "other.example", "clientConfig": {"url": "x"}}]
    for number, one in enumerate(bundles):
        content = bundle.write([each.certificate for each in one])
        client = {"caBundle": b64encode(content).decode()}
        entries.append({"name": f"e{number}.spanhook.dev", "clientConfig": client})
    return {"webhooks": entries}


@dataclass
class Scene:
    """A replica's custody and leader, and what it reads and writes."""

    api: Leases = field(default_factory=Leases)
    steady: Clock = field(default_factory=Clock)
    recording: Recording = field(default_factory=Recording)
    events: list[Event] = field(default_factory=list)
    leads: bool = True
    own: Own = field(init=False)
    leader: Leader = field(init=False)
    provided: Provided = field(init=False)
    stores: Stores = field(init=False)
    notices: Notices = field(init=False)

    def __post_init__(self) -> None:
        client: Any = self.api
        log, telemetry = self.recording.log, self.recording.telemetry
        says: Any = self
        leadership = Leadership(client, Options(), log, telemetry)
        self.notices = Notices(
            Context(client, Options(), log, telemetry, says, lambda: None, leadership)
        )
        self.stores = Stores(
            SecretStore(client, "spanhook-system", "spanhook-webhook-certificates"),
            Bundles(client, "spanhook"),
            Replicas(client, "spanhook-system", "r1", clock=self.steady),
        )
        self.leader = Leader(
            stores=self.stores,
            replica="r1",
            names=NAMES,
            timing=Timing(hold=timedelta(seconds=60)),
            notices=self.notices,
            is_leader=lambda: self.leads,
        )
        self.own = Own(
            stores=self.stores,
            leader=self.leader,
            names=NAMES[:1],
            notices=self.notices,
            is_leader=lambda: self.leads,
            interval=10,
            patience=60,
            clock=self.steady,
        )
        self.provided = Provided(NAMES[:1], self.notices)

    def say(self, event: Event) -> None:
        """An Event."""
        self.events.append(event)

    def put(self, content: Mapping[str, bytes | None], **annotations: str) -> None:
        """Change the Secret."""
        self.api.put(SECRET, secret(content, **annotations))

    def configure(self, *bundles: tuple[Authority, ...]) -> None:
        """Change the configuration."""
        self.api.put(CONFIGURATION, configuration(*bundles))

    async def view(self) -> View:
        """Everything that there is."""
        configured = await self.stores.bundles.read() if self.leads else None
        return View(await self.stores.secret.read(), configured, Time(NOW, NOW))

    async def examine(self) -> Verdict:
        """A look."""
        return await self.own.examine(await self.view())

    async def lead(self) -> bool:
        """A look, and what the leader does then."""
        view = await self.view()
        verdict = await self.own.examine(view)
        writable = view.secret if verdict.writable else None
        return await self.leader.lead(
            Ground(view.configuration, verdict.holdings, writable, verdict.leaf, view.time)
        )

    async def other_serves(self, holdings: Holdings) -> None:
        """Another replica's Lease says so."""
        client: Any = self.api
        await Replicas(client, "spanhook-system", "r2").publish(holdings.leaf)

    def refuse(self, verb: str, error: KubeError) -> None:
        """Answer so from now on."""
        self.api.interrupt = lambda asked, _path: error if asked == verb else None

    def holds(self, holdings: Holdings) -> bool:
        """Whether the Secret has exactly that."""
        return bool(self.api.stored[SECRET]["data"] == secret(write(holdings))["data"])


def run(play: Callable[[Scene], Coroutine[Any, Any, None]]) -> Scene:
    """Play a scene to its end."""
    scene = Scene()
    asyncio.run(play(scene))
    return scene
