"""How long an admission waits for what is not known of its images."""

import asyncio
from collections.abc import Collection

import pytest

from tests.webhook.server.cluster.images.cart import APP, DEADLINE, serving
from tests.webhook.server.cluster.images.passing import Passing, play
from tests.webhook.server.cluster.images.stage import Stage
from webhook.review import Review
from webhook.server.waiting import Found


@pytest.mark.parametrize("seconds", [0.6, 2.0, 30.0])
def test_a_slow_registry(seconds: float) -> None:
    """No pod waits longer than the deadline, to the moment."""

    async def scene() -> None:
        stage = Stage(serving(seconds=seconds))
        reply = await stage.admit(APP)

        assert reply.seconds == pytest.approx(DEADLINE)
        assert reply.decisions == "c0=skip:ImagePending"
        assert "in time" in reply.warnings
        assert stage.metric("image_waits_total", outcome="late") == 1
        await stage.lookup.close()

    play(scene())


def test_what_came_too_late_is_there_for_the_next_pod() -> None:
    """The look-up goes on behind the answer."""

    async def scene() -> None:
        stage = Stage(serving(seconds=1.5))
        first = await stage.admit(APP)
        await asyncio.sleep(2.5)
        second = await stage.admit(APP)

        assert first.decisions == "c0=skip:ImagePending"
        assert (second.decisions, second.seconds) == ("c0=inject:python", 0)
        assert len(stage.written) == 1
        assert len(stage.registry.asked) == 2

    play(scene())


@pytest.mark.parametrize(
    ("query", "waits"),
    [
        (b"", 1.0),
        (b"timeout=3s", 1.0),
        (b"timeout=1s", 0.5),
        (b"a=b&timeout=1s&c", 0.5),
        (b"timeout=700ms", 0.2),
        (b"timeout=1m30s", 1.0),
        (b"timeout=500ms", 0.0),
        (b"timeout=never", 1.0),
    ],
)
def test_the_api_servers_own_timeout(query: bytes, waits: float) -> None:
    """Half a second of it is left for the answer's way, however long the settings would wait."""

    async def scene() -> None:
        stage = Stage(serving(seconds=30))
        reply = await stage.admit(APP, query=query)

        assert reply.seconds == pytest.approx(waits)
        assert reply.decisions == "c0=skip:ImagePending"
        await stage.lookup.close()

    play(scene())


def test_a_busy_machine() -> None:
    """Where answers come later than meant, those that follow wait less; calm makes up for it."""

    async def scene() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, Passing)
        stage = Stage(serving(seconds=30))
        fetch = stage.waiting._fetch

        async def slowly(review: Review, missing: Collection[str], until: float) -> Found:
            found = await fetch(review, missing, until)
            loop.now += 0.2
            return found

        stage.waiting._fetch = slowly
        first, second = await stage.admit(APP), await stage.admit("shop/other:1")
        assert first.seconds == pytest.approx(1.2)
        assert second.seconds == pytest.approx(1.0)
        await stage.lookup.close()

    play(scene())


def test_no_deadline_is_no_wait() -> None:
    """With a deadline of 0 no pod waits; the image is asked for all the same, for the next one."""

    async def scene() -> None:
        stage = Stage(serving(0.1))
        stage.inspecting(deadline=0.0)
        first = await stage.admit(APP)
        await asyncio.sleep(1)
        second = await stage.admit(APP)

        assert (first.decisions, first.seconds) == ("c0=skip:ImagePending", 0)
        assert (second.decisions, second.seconds) == ("c0=inject:python", 0)

    play(scene())


def test_closing_answers_who_waits() -> None:
    """The end of the client is no longer waited for than it takes."""

    async def scene() -> None:
        stage = Stage(serving(seconds=30))
        waiting = asyncio.create_task(stage.admit(APP))
        await asyncio.sleep(0.1)
        await stage.lookup.close()
        reply = await waiting

        assert reply.seconds == pytest.approx(0.1)
        assert reply.decisions == "c0=skip:ImagePending"

    play(scene())
