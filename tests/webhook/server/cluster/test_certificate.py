from dataclasses import dataclass
from datetime import timedelta

from certs.authority import Authority, Leaf
from webhook.server.cluster.certificate import Served
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
