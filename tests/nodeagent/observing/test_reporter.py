"""What was seen is told to an API server of the test's own, in time that passes by itself."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kube.errors import ApiError, KubeError, Unreachable
from nodeagent.observing.observation import Observation
from nodeagent.observing.reporter import MANAGER, Reporter
from tests.nodeagent.observing.test_document import CART, seen
from tests.webhook.server.cluster.images.passing import play

Json = dict[str, Any]

FOLDER = "/apis/spanhook.dev/v1alpha1/namespaces/shop/instrumentedapplications"
WHERE = f"{FOLDER}/deployment-cart"
GONE = ApiError(404, "NotFound", "no such object")
FORBIDDEN = ApiError(403, "Forbidden", "may not")
CONFLICT = ApiError(409, "Conflict", "changed meanwhile")
BUSY = ApiError(429, "TooManyRequests", "not now")
INVALID = ApiError(422, "Invalid", "the schema says no")
AWAY = Unreachable("no route")


class Server:
    """Objects by path; `refusals` are raised in turn, by whichever request comes."""

    def __init__(self, refusals: Sequence[KubeError | None] = ()) -> None:
        self.objects: dict[str, Json] = {}
        self.refusals = list(refusals)
        self.requests: list[str] = []
        self.version = 0

    def _asked(self, what: str, path: str) -> None:
        self.requests.append(what)
        if self.refusals and (refusal := self.refusals.pop(0)) is not None:
            raise refusal
        assert path.startswith(FOLDER)

    def _put(self, where: str, body: Json) -> Json:
        self.version += 1
        there = self.objects.get(where, {})
        metadata = there.get("metadata", {}) | body["metadata"]
        metadata["resourceVersion"] = str(self.version)
        self.objects[where] = there | body | {"metadata": metadata}
        return self.objects[where]

    async def get(self, path: str) -> Json:
        """An object."""
        self._asked("get", path)
        if path not in self.objects:
            raise GONE
        return self.objects[path]

    async def create(self, path: str, body: Json, **query: str) -> Json:
        """A new object."""
        self._asked("create", path)
        assert query == {"fieldManager": MANAGER}
        where = f"{path}/{body['metadata']['name']}"
        if where in self.objects:
            raise CONFLICT
        return self._put(where, body)

    async def apply(self, path: str, body: Json, *, manager: str) -> Json:
        """Server-side apply."""
        self._asked("apply", path)
        assert manager == MANAGER
        where = path.removesuffix("/status")
        if (
            self.objects[where]["metadata"]["resourceVersion"]
            != body["metadata"]["resourceVersion"]
        ):
            raise CONFLICT
        return self._put(where, body)


class Stage:
    """A reporter that runs, and its server."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.now = datetime(2026, 11, 20, 12, tzinfo=UTC)
        client: Any = server
        loop = asyncio.get_running_loop()
        self.reporter = Reporter(client, "node-1", loop.time, lambda: self.now)

    @property
    def seen(self) -> dict[str, str]:
        """Container and last digits of its image → language, as the server has it."""
        spec = self.server.objects.get(WHERE, {}).get("spec", {})
        return {
            f"{one['containerName']}{one['digest'][-2:]}": one.get("language", "")
            for one in spec.get("languages", ())
        }


def scene(
    act: Callable[[Stage], Awaitable[None]], refusals: Sequence[KubeError | None] = ()
) -> Stage:
    """Play it with a reporter that runs."""

    async def played() -> Stage:
        stage = Stage(Server(refusals))
        running = asyncio.create_task(stage.reporter.run())
        await act(stage)
        running.cancel()
        return stage

    return play(played())


def test_written() -> None:
    """The language in the spec, the rest in the status, ten seconds after the first word."""

    async def act(stage: Stage) -> None:
        stage.reporter.put(seen(observation=Observation("python")))
        await asyncio.sleep(9)
        assert stage.server.requests == []
        stage.reporter.put(seen())
        await asyncio.sleep(2)

    stage = scene(act)

    assert stage.server.requests == ["get", "create", "apply", "apply"]
    assert stage.seen == {"app01": "java"}
    assert stage.server.objects[WHERE]["status"]["summary"] == "app: java 21.0.4"
    assert stage.reporter.counts["written"] == 1
    assert stage.reporter.waiting == 0


def test_known_already() -> None:
    """The same is not asked again within the hour; later it is looked up, and a new day written."""

    async def act(stage: Stage) -> None:
        for _ in range(3):
            stage.reporter.put(seen())
            await asyncio.sleep(60)
        assert len(stage.server.requests) == 4
        await asyncio.sleep(3600)
        stage.reporter.put(seen())
        await asyncio.sleep(60)
        assert stage.server.requests[4:] == ["get"]
        stage.now += timedelta(days=1)
        await asyncio.sleep(3600)
        stage.reporter.put(seen())
        await asyncio.sleep(60)
        assert stage.server.requests[5:] == ["get", "apply"]  # of the status alone
        stage.server.objects.clear()
        await asyncio.sleep(3600)
        stage.reporter.put(seen())
        await asyncio.sleep(60)

    stage = scene(act)

    assert stage.seen == {"app01": "java"}
    assert stage.reporter.counts == dict.fromkeys(stage.reporter.counts, 0) | {
        "written": 3,
        "unchanged": 1,
    }


def test_together() -> None:
    """What is said of one workload in a short time is written at once."""

    async def act(stage: Stage) -> None:
        for number in range(5):
            stage.reporter.put(seen(number))
        await asyncio.sleep(60)

    stage = scene(act)

    assert len(stage.seen) == 5
    assert stage.server.requests == ["get", "create", "apply", "apply"]


def test_not_all_at_once() -> None:
    """A node that starts asks for its workloads one after the other, five a second."""

    async def act(stage: Stage) -> None:
        for number in range(100):
            one = seen()
            name = f"cart-{number}"
            stage.reporter.put(replace(one, workload=CART._replace(name=name)))
        await asyncio.sleep(20)
        assert 40 <= stage.server.requests.count("get") <= 60
        await asyncio.sleep(20)

    stage = scene(act)

    assert stage.reporter.counts["written"] == 100


@pytest.mark.parametrize(
    ("refusal", "word"),
    [
        (CONFLICT, "conflict"),
        (BUSY, "failed"),
        (AWAY, "failed"),
        (FORBIDDEN, "forbidden"),
    ],
)
@pytest.mark.parametrize("at", range(4))
def test_tried_again(at: int, refusal: KubeError, word: str) -> None:
    """Whatever was refused, and whichever request it was: in the end it is written."""

    async def act(stage: Stage) -> None:
        stage.reporter.put(seen())
        await asyncio.sleep(60)

    stage = scene(act, [*[None] * at, refusal])

    assert stage.seen == {"app01": "java"}
    assert "observations" in stage.server.objects[WHERE]["status"]
    assert stage.reporter.counts["written"] + stage.reporter.counts["unchanged"] == 1
    assert stage.reporter.counts[word] == 1


def test_what_is_put_meanwhile() -> None:
    """While it is put off, the newest counts, and other containers join."""

    async def act(stage: Stage) -> None:
        stage.reporter.put(seen(observation=Observation("python")))
        await asyncio.sleep(11)
        stage.reporter.put(seen())
        stage.reporter.put(seen(2))
        await asyncio.sleep(60)

    stage = scene(act, [AWAY])

    assert stage.seen == {"app01": "java", "app02": "java"}


def test_refused_for_what_it_says(caplog: pytest.LogCaptureFixture) -> None:
    """Is said, and not tried again before it is put an hour later."""

    async def act(stage: Stage) -> None:
        for _ in range(3):
            stage.reporter.put(seen())
            await asyncio.sleep(600)
        assert stage.server.requests == ["get", "create"]
        await asyncio.sleep(3600)
        stage.reporter.put(seen())
        await asyncio.sleep(60)

    with caplog.at_level(logging.WARNING):
        stage = scene(act, [None, INVALID])

    assert stage.seen == {"app01": "java"}
    (record,) = caplog.records
    assert "the schema says no" in record.getMessage()


def test_no_such_kind(caplog: pytest.LogCaptureFixture) -> None:
    """Tried ever more seldom, said once an hour, in the end forgotten until it is put again."""

    async def act(stage: Stage) -> None:
        stage.reporter.put(seen())
        await asyncio.sleep(7200)
        assert stage.reporter.waiting == 0
        assert stage.reporter.counts["dropped"] == 1
        stage.server.refusals = []
        stage.reporter.put(seen())
        await asyncio.sleep(60)

    with caplog.at_level(logging.WARNING):
        stage = scene(act, [GONE] * 1000)

    assert stage.seen == {"app01": "java"}
    assert 1 <= len(caplog.records) <= 2
    assert len(stage.server.requests) < 50


def test_bounds() -> None:
    """Of 10,000 workloads 2,000 wait, and of one the newest images; the rest is counted."""

    async def act(stage: Stage) -> None:
        for number in range(10_000):
            one = seen()
            name = f"cart-{number}"
            stage.reporter.put(replace(one, workload=CART._replace(name=name)))
        for number in range(200):
            one = seen(number)
            stage.reporter.put(replace(one, workload=CART._replace(name="cart-1")))

    stage = scene(act)

    assert stage.reporter.waiting == 2_000
    assert stage.reporter.counts["dropped"] == 8_000 + 200 - 64
