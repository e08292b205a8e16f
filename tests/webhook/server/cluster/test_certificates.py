"""Several replicas in one process, beside a real API server: what they keep, say and let go of."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from certs import bundle
from certs.authority import Leaf
from certs.secret import read
from kube.client import Client, connect
from kube.errors import ApiError, KubeError, Unreachable
from kube.paths import path
from tests.cluster import Cluster
from tests.cluster.reliability.objects import configuration, secret
from tests.waiting import eventually
from tests.webhook.server.cluster.recording import Recording
from webhook.server.cluster.certificate_secret import Secret
from webhook.server.cluster.certificates import Certificates
from webhook.server.cluster.context import Context
from webhook.server.cluster.event import Event
from webhook.server.cluster.leadership import Leadership
from webhook.server.cluster.options import Options

_REQUESTS = frozenset({"get", "read", "create", "replace", "apply", "patch", "delete"})


class Interruptible:
    """A client whose requests fail while a test says so."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.error: KubeError | None = None
        self.only = ""
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> Any:
        """The client's method, or what fails in its place."""
        found = getattr(self._client, name)
        if name not in _REQUESTS:
            return found

        async def ask(where: str, *arguments: Any, **options: Any) -> Any:
            if self.error is not None and self.only in where:
                raise self.error
            announces = "spanhook.dev/serving'" in str(arguments)
            self.asked.append(f"{name} {where.split('/')[-2]}{' serving' * announces}")
            return await found(where, *arguments, **options)

        return ask


@dataclass
class Replica:
    """One replica's certificates, and what they ask the server to take up."""

    client: Interruptible
    recording: Recording
    certificates: Certificates = field(init=False)
    events: list[Event] = field(default_factory=list)
    served: list[Leaf | None] = field(default_factory=list)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def say(self, event: Event) -> None:
        """An Event."""
        self.events.append(event)

    def refresh(self) -> None:
        """What the server would serve from now on."""
        self.client.asked.append("served")
        self.served.append(self.certificates.leaf)

    async def stop(self) -> None:
        """As at the end of the server."""
        for task in self.tasks:
            task.cancel()
        for task in self.tasks:
            with suppress(asyncio.CancelledError):
                await task

    @property
    def fingerprint(self) -> str:
        """Of what it serves."""
        leaf = self.certificates.leaf
        return "" if leaf is None else bundle.fingerprint(leaf.certificate)


@dataclass
class Stage:
    """A namespace, and replicas there."""

    cluster: Cluster
    home: str
    client: Client
    replicas: list[Replica] = field(default_factory=list)

    def start(self, name: str, **options: Any) -> Replica:
        """A replica that begins."""
        recording, client = Recording(), Interruptible(self.client)
        chosen = Options(
            namespace=self.home,
            replica=name,
            webhook_configuration=self.home,
            rotation_hold=1.0,
            **options,
        )
        made = Replica(client, recording)
        asks: Any = client
        hears: Any = made
        log, telemetry = recording.log, recording.telemetry
        leadership = Leadership(asks, chosen, log, telemetry)
        made.certificates = Certificates(
            Context(asks, chosen, log, telemetry, hears, made.refresh, leadership)
        )
        made.tasks = [asyncio.create_task(run()) for run in (leadership.run, made.certificates.run)]
        self.replicas.append(made)
        return made

    async def secret(self) -> Secret:
        """As it is."""
        where = path("v1", "secrets", namespace=self.home, name="spanhook-webhook-certificates")
        return Secret(await self.client.get(where))

    async def leases(self) -> dict[str, dict[str, Any]]:
        """All Leases of the namespace by name."""
        found = await self.client.get(path("coordination.k8s.io/v1", "leases", namespace=self.home))
        return {one["metadata"]["name"]: one for one in found["items"]}

    async def agree(self) -> None:
        """Wait until all serve the same."""
        await eventually(
            lambda: (
                all(one.fingerprint for one in self.replicas)
                and len({one.fingerprint for one in self.replicas}) == 1
            ),
            "all serve one",
        )


def run(api: Cluster, play: Callable[[Stage], Coroutine[Any, Any, None]]) -> None:
    """Play in a namespace with an empty Secret and a configuration without caBundle."""

    async def whole(home: str) -> None:
        async with connect(api.kubeconfig) as client:
            stage = Stage(api, home, client)
            try:
                await play(stage)
            finally:
                for one in stage.replicas:
                    await one.stop()

    with api.namespace() as home:
        api.apply(secret(home), configuration(home, "Ignore", 10))
        try:
            asyncio.run(whole(home))
        finally:
            api.delete("MutatingWebhookConfiguration", home)


def test_life(api: Cluster) -> None:
    """From the first leaf through a rotation to the end, where nothing is left behind."""

    async def play(stage: Stage) -> None:
        one, two = stage.start("r1"), stage.start("r2")
        await stage.agree()
        assert sorted([one.certificates.is_leader, two.certificates.is_leader]) == [False, True]
        first = await stage.secret()
        asked = {"metadata": {"annotations": {"spanhook.dev/rotate": "authority"}}}
        stage.cluster.patch("Secret", "spanhook-webhook-certificates", asked, stage.home)
        leader = one if one.certificates.is_leader else two
        moves = ("create", "announce", "switch", "retire")
        await eventually(
            lambda: all(
                leader.recording.metric("spanhook_certificate_moves_total", move=move) == 1
                for move in moves
            ),
            "the rotation ends",
        )
        await stage.agree()
        now = await stage.secret()
        held = read(now.data).holdings
        assert held is not None
        assert first.data["ca.crt"] not in now.data.values()
        assert (held.leaf, one.certificates.problem) == (one.certificates.leaf, None)
        assert one.served[-1] == two.served[-1] == held.leaf
        leases = await stage.leases()
        assert set(leases) == {
            "spanhook-webhook",
            "spanhook-webhook-replica-r1",
            "spanhook-webhook-replica-r2",
        }
        assert [event.kind for event in leader.events] == ["Normal"] * 4

        await leader.stop()
        follower = two if leader is one else one
        await eventually(lambda: follower.certificates.is_leader, "the other leads")
        await follower.stop()
        leases = await stage.leases()
        assert set(leases) == {"spanhook-webhook"}
        assert leases["spanhook-webhook"]["spec"]["holderIdentity"] == ""

    run(api, play)


def test_first_leaf_is_announced_before_it_is_served(api: Cluster) -> None:
    """A replica says what it will serve, reads the Secret once more, and serves it then."""

    async def play(stage: Stage) -> None:
        one = stage.start("r1")
        await stage.agree()
        two = stage.start("r2")
        await stage.agree()
        asked = two.client.asked
        announced = asked.index("apply leases serving")
        assert "served" not in asked[:announced]
        assert "get secrets" in asked[announced : asked.index("served")]
        assert two.served == [one.certificates.leaf]

    run(api, play)


def test_api_server_that_is_away(api: Cluster) -> None:
    """The leaf stays, the trouble is said once, and all is well again afterwards."""

    async def play(stage: Stage) -> None:
        one = stage.start("r1")
        await stage.agree()
        leaf = one.certificates.leaf
        one.client.error = Unreachable("nobody there")
        await eventually(lambda: one.certificates.problem, "it says so")
        assert one.certificates.problem == "the API server is not there: nobody there"
        assert one.certificates.leaf == leaf
        one.client.error = ApiError(403, "Forbidden", "no")
        await eventually(
            lambda: "the API server refuses: 403 Forbidden: no" in str(one.certificates.problem),
            "it says the other thing",
        )
        one.client.error = None
        await eventually(lambda: one.certificates.problem is None, "all is well")
        said = [line["message"] for line in one.recording.lines]
        assert said.count("certificates: the API server is not there: nobody there") == 1

    run(api, play)


def test_configuration_that_may_not_be_read(api: Cluster) -> None:
    """Without the right to read the configuration a leaf is made and served all the same."""

    async def play(stage: Stage) -> None:
        one = stage.start("r1")
        one.client.only = "mutatingwebhookconfigurations"
        one.client.error = ApiError(403, "Forbidden", "no")
        await stage.agree()
        await eventually(lambda: one.certificates.problem, "it says so")
        assert "cannot be read: 403 Forbidden: no" in str(one.certificates.problem)

    run(api, play)


def test_configuration_without_our_entries(api: Cluster) -> None:
    """An object of our name that has nothing of ours is said, and left alone."""

    async def play(stage: Stage) -> None:
        found = stage.cluster.get("MutatingWebhookConfiguration", stage.home)
        assert found is not None
        entry = found["webhooks"][0] | {"name": "theirs.webhook.example"}
        stage.cluster.patch("MutatingWebhookConfiguration", stage.home, {"webhooks": [entry]})
        one = stage.start("r1")
        await eventually(
            lambda: "has no entry of ours" in str(one.certificates.problem), "it says so"
        )
        found = stage.cluster.get("MutatingWebhookConfiguration", stage.home)
        assert found is not None
        assert "caBundle" not in found["webhooks"][0]["clientConfig"]

    run(api, play)
