import asyncio
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from kube.client import Object
from kube.errors import ApiError, KubeError, Unreachable
from tests.kube.objects import Objects
from tests.kube.playing import Clock
from tests.webhook.server.cluster.recording import Recording
from webhook.server.cluster.event import Event, Regarding, document
from webhook.server.cluster.events import Events

AWAY = Unreachable("no route")
CONFLICT = ApiError(409, "AlreadyExists", "")
FORBIDDEN = ApiError(403, "Forbidden", "may not")
ILL = ApiError(500, "InternalError", "")

CART = Regarding("apps/v1", "Deployment", "cart", "shop", plural="deployments")


def event(about: str = "app", regarding: Regarding = CART, note: str = "n") -> Event:
    """A skip that was noted."""
    return Event(regarding, "LanguageUnknown", note, "SkipInjection", about=about)


@dataclass
class Writer(Objects):
    """An API server that stores Events, as its script has it: errors, or None for success."""

    script: deque[KubeError | None] = field(default_factory=deque)
    uid: str | KubeError = "u-1"
    written: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    tried: int = 0

    def __post_init__(self) -> None:
        super().__init__()

    async def get(self, path: str, **_: str) -> dict[str, Any]:
        """The object that an Event is about."""
        self.paths.append(path)
        if isinstance(self.uid, KubeError):
            raise self.uid
        return {"metadata": {"uid": self.uid}}

    async def create(self, path: str, body: Object, **_: str) -> dict[str, Any]:
        """Store, or not."""
        self.tried += 1
        error = self.script.popleft() if self.script else None
        if error is not None:
            raise error
        self.paths.append(path)
        self.written.append(dict(body))
        return dict(body)


@dataclass
class Play:
    """Events, and what becomes of them."""

    writer: Writer = field(default_factory=Writer)
    recording: Recording = field(default_factory=Recording)
    clock: Clock = field(default_factory=Clock)
    events: Events = field(init=False)

    def __post_init__(self) -> None:
        log, telemetry = self.recording.log, self.recording.telemetry
        self.events = Events("replica-1", log, telemetry, self.clock, self.clock.sleep)

    def write(self) -> None:
        """Let all that is waiting be written."""

        async def run() -> None:
            task = asyncio.create_task(self.events.run(self.writer))
            async with asyncio.timeout(10):
                while self.events.waiting:  # noqa: ASYNC110
                    await asyncio.sleep(0)
                for _ in range(100):
                    await asyncio.sleep(0)
            task.cancel()

        asyncio.run(run())

    def counts(self) -> dict[str, float | None]:
        """What became of them."""
        words = ("written", "repeated", "dropped")
        name = "spanhook_events_total"
        return {word: self.recording.metric(name, outcome=word) for word in words}


def test_an_event() -> None:
    """Written into the object's namespace, with its uid, and complete for the API server."""
    play = Play()
    play.events.say(event())
    play.write()

    body = play.writer.written[0]
    assert play.writer.paths == [
        "/apis/apps/v1/namespaces/shop/deployments/cart",
        "/apis/events.k8s.io/v1/namespaces/shop/events",
    ]
    assert body["metadata"]["name"].startswith("cart.")
    assert body["regarding"] == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "name": "cart",
        "namespace": "shop",
        "uid": "u-1",
    }
    expected = {
        "apiVersion": "events.k8s.io/v1",
        "kind": "Event",
        "type": "Warning",
        "reason": "LanguageUnknown",
        "action": "SkipInjection",
        "note": "n",
        "reportingController": "spanhook.dev/webhook",
        "reportingInstance": "replica-1",
    }
    assert expected == {name: body[name] for name in expected}
    assert play.counts() == {"written": 1, "repeated": 0, "dropped": 0}


@pytest.mark.parametrize(
    ("regarding", "uid", "lookups"),
    [
        (Regarding("apps/v1", "StatefulSet", "db", "shop", "known"), "known", 0),
        (Regarding("argoproj.io/v1alpha1", "Rollout", "cart", "shop"), None, 0),
        (CART, "u-1", 1),
    ],
    ids=["known", "not looked up", "looked up"],
)
def test_the_uid(regarding: Regarding, uid: str | None, lookups: int) -> None:
    """One look-up at most, in the background, and only where the role knows the kind."""
    play = Play()
    play.events.say(event(regarding=regarding))
    play.write()

    assert play.writer.written[0]["regarding"].get("uid") == uid
    assert len(play.writer.paths) == 1 + lookups


@pytest.mark.parametrize("error", [FORBIDDEN, ApiError(404, "NotFound", "")], ids=["403", "404"])
def test_what_cannot_be_looked_up(error: KubeError) -> None:
    """An Event without a uid is better than none."""
    play = Play(Writer(uid=error))
    play.events.say(event())
    play.write()

    assert "uid" not in play.writer.written[0]["regarding"]


def test_the_cluster_has_no_namespace() -> None:
    """An object of the cluster's scope has its Events where the API server wants them."""
    regarding = Regarding("v1", "Namespace", "shop", uid="u")
    body = document(event(regarding=regarding), "u", "r", datetime.now(UTC))

    assert body["metadata"]["namespace"] == "default"
    assert "namespace" not in body["regarding"]


def test_once_an_hour() -> None:
    """The same object, reason and container is said once, and again when the Event is gone."""
    play = Play()
    for about in ("app", "app", "web", "app"):
        play.events.say(event(about))
    play.write()
    assert play.counts() == {"written": 2, "repeated": 2, "dropped": 0}
    play.clock.now += 2 * 3600
    play.events.say(event())
    play.write()

    assert play.counts()["written"] == 3


def test_another_replica_was_first() -> None:
    """Replicas make the same name of the same thing: the API server keeps one."""
    play = Play(Writer(deque([CONFLICT])))
    play.events.say(event())
    play.write()

    assert play.counts() == {"written": 0, "repeated": 1, "dropped": 0}
    names = [
        document(event(note=note), "u-1", replica, datetime.now(UTC))["metadata"]["name"]
        for note, replica in (("a", "one"), ("b", "two"))
    ]
    assert names[0] == names[1]


@pytest.mark.parametrize("error", [AWAY, ILL], ids=["away", "ill"])
def test_tried_again(error: KubeError) -> None:
    """An API server that is away for a moment gets the Event a little later."""
    play = Play(Writer(deque([error, error])))
    play.events.say(event())
    play.write()

    assert play.counts() == {"written": 1, "repeated": 0, "dropped": 0}
    assert len(play.clock.slept) == 2


def test_given_up() -> None:
    """After a few tries it is dropped and counted; said again later, it is written."""
    play = Play(Writer(deque([AWAY] * 4)))
    play.events.say(event())
    play.write()
    assert play.counts() == {"written": 0, "repeated": 0, "dropped": 1}
    play.events.say(event())
    play.write()

    assert play.counts()["written"] == 1


def test_refused() -> None:
    """A refusal is final for this Event, and logged once for all of them."""
    play = Play(Writer(deque([FORBIDDEN] * 3)))
    for about in "abc":
        play.events.say(event(about))
    play.write()

    assert (play.counts()["dropped"], play.writer.tried) == (3, 3)
    assert play.recording.said() == [("warning", "event refused")]


def test_bounded() -> None:
    """While nobody writes, a bounded number waits and the rest is dropped and counted."""
    play = Play()
    for number in range(1000):
        play.events.say(event(str(number)))

    assert play.events.waiting == 256
    assert play.counts()["dropped"] == 1000 - 256
    play.write()
    assert len(play.writer.written) == 256


def test_not_a_storm() -> None:
    """A burst goes out at once, the rest at one a second."""
    play = Play()
    for number in range(60):
        play.events.say(event(str(number)))
    play.write()

    assert len(play.writer.written) == 60
    assert sum(play.clock.slept) == pytest.approx(10, abs=1)


def test_long_words() -> None:
    """Whatever is said fits into what the API server takes, and stays text."""
    long = Regarding("v1", "Pod", "x" * 253, "shop")
    body = document(Event(long, "R" * 200, "é" * 2000, "A" * 200), "", "i" * 300, datetime.now(UTC))

    assert len(body["metadata"]["name"]) <= 253
    assert len(body["note"].encode()) <= 1024
    assert body["note"].endswith("é…")
    assert {len(body[name]) for name in ("reason", "action", "reportingInstance")} == {128}
