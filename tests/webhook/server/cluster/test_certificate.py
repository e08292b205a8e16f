import asyncio
import ssl
import threading
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from certs.authority import Authority, Leaf
from tests.cluster import Cluster
from tests.waiting import until
from tests.webhook.server.cluster.running import running
from tests.webhook.server.serving import PATIENCE, Client
from webhook.server.cluster.certificate import Served
from webhook.server.cluster.context import Context
from webhook.server.endpoint import Endpoint
from webhook.server.service import now


@dataclass
class Keeper:
    """Has what a test gives it."""

    leaf: Leaf | None = None
    problem: str | None = None

    async def run(self) -> None:
        """Nothing changes by itself."""


def leaf(age: timedelta = timedelta()) -> Leaf:
    """A certificate for localhost, made some time ago."""
    then = now() - age
    return Authority.create(then).issue(["localhost"], then)


@dataclass
class Giving(Keeper):
    """Has a certificate once it is told to."""

    context: Context | None = None
    give: threading.Event = field(default_factory=threading.Event)

    async def run(self) -> None:
        """Wait, then have one, and say so."""
        while not self.give.is_set():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        self.leaf = leaf()
        assert self.context is not None
        self.context.refresh()


def test_it_is_taken_up_when_it_comes(api: Cluster, tmp_path: Path) -> None:
    """The webhook waits for its certificate, not ready; then it serves it, at once."""
    keeper = Giving()

    def keep(context: Context) -> Giving:
        keeper.context = context
        return keeper

    unverified = ssl.create_default_context()
    unverified.check_hostname, unverified.verify_mode = False, ssl.CERT_NONE
    with running(api.kubeconfig, tmp_path, "default", wait=False, keep=keep) as webhook:
        port = webhook.server.port
        with Client(port, unverified) as client:
            reply = client.get("/readyz")
            assert reply.status == 503
            assert reply.json["checks"]["certificate"].startswith("none yet; served until")
        keeper.give.set()
        until(lambda: webhook.server.announced, "it is ready", PATIENCE)
        assert keeper.leaf is not None
        trusting = ssl.create_default_context(cadata=keeper.leaf.authority.decode())
        with Client(port, trusting) as client:
            assert client.get("/readyz").status == 200


def test_before_there_is_one() -> None:
    """Something is served from the first second, and the server is not ready with it."""
    served = Served(Endpoint())

    assert served().covers(["localhost"])
    assert served.check() == "not looked for yet"
    served.keeper = Keeper()
    assert served.check() == "none yet"
    served.keeper = Keeper(problem="the Secret is broken")
    assert served.check() == "the Secret is broken"


def test_the_clusters() -> None:
    """The keeper's certificate is served as soon as there is one; trouble with a newer is noted."""
    served = Served(Endpoint())
    keeper = Keeper(leaf())
    served.keeper = keeper

    assert (served(), served.check()) == (keeper.leaf, None)
    assert served.note().startswith("served until 20")
    keeper.problem = "the new one is for another name"
    assert served.check() is None
    assert served.note().endswith("UTC; the new one is for another name")


def test_expired() -> None:
    """A certificate that is no longer valid does not do."""
    served = Served(Endpoint())
    served.keeper = Keeper(leaf(timedelta(days=3000)))

    assert served.check() == "not valid now"
