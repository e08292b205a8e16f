"""What a replica makes of the Secret: an API server in memory, whose answers can be chosen."""

import asyncio
from base64 import b64encode
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from certs import bundle
from certs.authority import Authority
from certs.holdings import Holdings, Time
from certs.rotation import Timing
from certs.secret import write
from kube.errors import ApiError, KubeError
from tests.certs.making import NAMES, NOW, authority, leaf
from tests.kube.objects import conflict
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
        self.notices = Notices(
            Context(client, Options(), log, telemetry, says, refresh=lambda: None)
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


def test_follower_leaves_the_mending_to_the_leader() -> None:
    """A follower puts back what it remembers only when nobody did for two rounds."""

    async def play(scene: Scene) -> None:
        scene.leads = False
        scene.configure((A,), (A,))
        scene.put(write(HOLDS_A))
        await scene.examine()
        scene.put({})
        for _ in range(2):
            assert await scene.examine() == Verdict(HOLDS_A.leaf, HOLDS_A)
            scene.steady.now += 10
        assert scene.api.counted("replace") == 0
        assert (await scene.examine()).again
        assert scene.holds(HOLDS_A)
        assert await scene.examine() == Verdict(HOLDS_A.leaf, HOLDS_A, writable=True)

    run(play)


def test_who_was_away_leaves_it_to_those_who_know_better() -> None:
    """A leader whose authority nobody believes waits; when nobody else mends it, it does."""

    async def play(scene: Scene) -> None:
        scene.configure((A,), (A,))
        scene.put(write(HOLDS_A))
        await scene.examine()
        scene.configure((B,), (B,))
        await scene.other_serves(HOLDS_B)
        scene.put({})
        for _ in range(6):
            assert not (await scene.examine()).again
            scene.steady.now += 10
            await scene.other_serves(HOLDS_B)
        assert (await scene.examine()).again

    assert run(play).holds(HOLDS_A)


def test_who_was_away_takes_up_what_api_servers_believe() -> None:
    """A replica that missed a whole rotation finds another authority in Secret and bundle."""

    async def play(scene: Scene) -> None:
        scene.leads = False
        scene.configure((A,), (A,))
        scene.put(write(HOLDS_A))
        await scene.examine()
        scene.configure((B,), (B,))
        scene.put(write(HOLDS_B))
        assert await scene.examine() == Verdict(HOLDS_B.leaf, HOLDS_B, writable=True)

    run(play)


@pytest.mark.parametrize("error", [conflict(SECRET), ApiError(404, "NotFound", "gone")])
def test_somebody_mended_it_faster(error: ApiError) -> None:
    """Who loses looks again, and says nothing of it."""

    async def play(scene: Scene) -> None:
        scene.configure((A,), (A,))
        scene.put(write(HOLDS_A))
        await scene.examine()
        scene.put({})
        scene.refuse("replace", error)
        assert (await scene.examine()).again

    assert not any("written" in message for _, message in run(play).recording.said())


def test_mending_that_is_refused() -> None:
    """Without the right to write, what is in memory is served on, and the refusal is said."""

    async def play(scene: Scene) -> None:
        scene.configure((A,), (A,))
        scene.put(write(HOLDS_A))
        await scene.examine()
        scene.put({})
        scene.refuse("replace", FORBIDDEN)
        assert await scene.examine() == Verdict(HOLDS_A.leaf, HOLDS_A)
        scene.refuse("nothing", FORBIDDEN)
        assert (await scene.examine()).again
        await scene.examine()

    scene = run(play)
    assert [event.reason for event in scene.events] == [
        "CertificateSecretUnusable",
        "CertificateSecretNotWritten",
    ]
    assert scene.notices.problem is None


def test_events_are_about_the_secret() -> None:
    """They name the object that `kubectl describe` looks for."""

    async def play(scene: Scene) -> None:
        scene.put({"tls.crt": b"x"})
        await scene.examine()

    (event,) = run(play).events
    assert (event.regarding.kind, event.regarding.name) == (
        "Secret",
        "spanhook-webhook-certificates",
    )
    assert event.regarding.namespace == "spanhook-system"
    assert "ca.crt: is missing (to begin anew, take out all its data)" in event.note


def test_leaf_that_openssl_refuses() -> None:
    """A chain with something unreadable in it is kept out before it could do harm."""
    broken = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"

    async def play(scene: Scene) -> None:
        scene.configure((A,), (A,))
        scene.put(write(HOLDS_A))
        await scene.examine()
        scene.put(write(HOLDS_A) | {"tls.crt": leaf("A").certificate + broken})
        assert (await scene.examine()).leaf == HOLDS_A.leaf

    assert run(play).holds(HOLDS_A)


def test_small_leaf_key_of_somebody_else() -> None:
    """What OpenSSL would not load is named, and the last good one stays."""

    async def play(scene: Scene) -> None:
        good = leaf("A")
        scene.put({"tls.crt": good.certificate, "tls.key": good.key})
        view = await scene.view()
        served = (await scene.provided.examine(view)).leaf
        assert served is not None
        scene.put({"tls.crt": good.certificate, "tls.key": leaf("B").key})
        assert (await scene.provided.examine(await scene.view())).leaf == served
        scene.api.stored.clear()
        assert (await scene.provided.examine(await scene.view())).leaf == served

    scene = run(play)
    assert scene.notices.problem == (
        "the Secret does not exist; has its issuer made it?; the last good certificate is served on"
    )
    assert scene.recording.metric("spanhook_certificate_secret_usable") == 0


def test_leader_patches_only_what_it_saw() -> None:
    """A configuration that changed since it was read is read again, not written over."""

    async def play(scene: Scene) -> None:
        scene.configure((), (A,))
        scene.put(write(HOLDS_A))
        view = await scene.view()
        verdict = await scene.own.examine(view)
        ground = Ground(view.configuration, verdict.holdings, view.secret, verdict.leaf, view.time)
        scene.configure((B,), (B,))
        assert await scene.leader.lead(ground)
        assert scene.api.stored[CONFIGURATION]["webhooks"] == configuration((B,), (B,))["webhooks"]
        assert await scene.lead()
        assert scene.api.stored[CONFIGURATION]["webhooks"] == configuration((A,), (A,))["webhooks"]
        assert not await scene.lead()

    scene = run(play)
    assert scene.recording.metric("spanhook_ca_bundle_in_place") == 1
    assert scene.notices.problem is None


def test_leader_writes_only_over_what_it_saw() -> None:
    """Two leaders that find an empty Secret: one makes an authority, the other looks again."""

    async def play(scene: Scene) -> None:
        scene.put({})
        view = await scene.view()
        verdict = await scene.own.examine(view)
        ground = Ground(None, verdict.holdings, view.secret, verdict.leaf, view.time)
        assert await scene.leader.lead(ground)
        first = scene.api.stored[SECRET]
        assert await scene.leader.lead(ground)
        assert first == scene.api.stored[SECRET]

    scene = run(play)
    assert scene.recording.metric("spanhook_certificate_moves_total", move="create") == 1


def test_who_leads_no_more_writes_nothing() -> None:
    """Between planning and writing the lead may be lost."""

    async def play(scene: Scene) -> None:
        scene.configure(())
        scene.put(write(HOLDS_A), rotate="leaf")
        view = await scene.view()
        verdict = await scene.own.examine(view)
        scene.leads = False
        ground = Ground(view.configuration, verdict.holdings, view.secret, verdict.leaf, view.time)
        assert not await scene.leader.lead(ground)
        assert scene.api.counted("patch") == scene.api.counted("replace") == 0
        scene.leader.retire()

    scene = run(play)
    phase = "spanhook_certificate_rotation_phase"
    assert scene.recording.metric(phase, phase="steady") == 0


def test_bundle_that_may_not_be_patched() -> None:
    """The refusal is said; the leaf is renewed all the same."""

    async def play(scene: Scene) -> None:
        scene.configure(())
        scene.put(write(HOLDS_A), rotate="leaf")
        scene.refuse("patch", FORBIDDEN)
        assert await scene.lead()
        assert not scene.holds(HOLDS_A)
        assert not await scene.lead()

    scene = run(play)
    assert scene.notices.problem == "the caBundle cannot be put in place: 403 Forbidden: no"
    assert [event.reason for event in scene.events] == ["CABundleNotInPlace", "CertificateRotation"]
    assert scene.events[0].regarding.kind == "MutatingWebhookConfiguration"


def test_write_that_is_refused() -> None:
    """The refusal is said until a write is accepted."""

    async def play(scene: Scene) -> None:
        scene.configure((A,))
        scene.put(write(HOLDS_A), rotate="leaf")
        scene.refuse("replace", FORBIDDEN)
        assert not await scene.lead()
        assert scene.notices.problem == "the Secret cannot be written: 403 Forbidden: no"
        scene.refuse("nothing", FORBIDDEN)
        assert await scene.lead()

    assert run(play).notices.problem is None


def test_others_keys_stay() -> None:
    """Keys, labels and annotations of somebody else survive every write."""

    async def play(scene: Scene) -> None:
        scene.configure((A,))
        scene.put(write(HOLDS_A) | {"theirs": b"x"}, rotate="leaf", other="y")
        await scene.lead()

    stored = run(play).api.stored[SECRET]
    assert stored["data"]["theirs"] == b64encode(b"x").decode()
    assert stored["metadata"]["annotations"] == {"spanhook.dev/other": "y"}


def test_bundle_that_nobody_can_read() -> None:
    """Garbage in a caBundle counts as nothing, and is replaced."""

    async def play(scene: Scene) -> None:
        found = configuration((A,))
        found["webhooks"][1]["clientConfig"]["caBundle"] = b64encode(b"what?").decode()
        scene.api.put(CONFIGURATION, found)
        scene.put(write(HOLDS_A))
        await scene.lead()

    scene = run(play)
    assert scene.api.stored[CONFIGURATION]["webhooks"] == configuration((A,))["webhooks"]


def test_authority_that_somebody_still_serves_stays() -> None:
    """A reset bundle gets back, from memory, what another replica still serves a leaf of."""

    async def play(scene: Scene) -> None:
        scene.configure((A, B))
        scene.put(write(HOLDS_A))
        await scene.other_serves(HOLDS_B)
        await scene.lead()
        scene.configure(())
        await scene.lead()

    scene = run(play)
    assert scene.api.stored[CONFIGURATION]["webhooks"] == configuration((A, B))["webhooks"]
