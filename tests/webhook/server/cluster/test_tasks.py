import asyncio

import pytest

from tests.webhook.server.cluster.recording import Recording
from webhook.server.cluster.tasks import Tasks


def test_a_task_that_fails_starts_anew() -> None:
    """A bug in one task is logged with its place and counted, and the task goes on."""
    recording = Recording()
    runs: list[int] = []

    async def run() -> None:
        tasks = Tasks(recording.log, recording.telemetry)
        again = asyncio.Event()

        async def one() -> None:
            runs.append(1)
            if len(runs) == 1:
                raise KeyError("x")
            again.set()
            await asyncio.Event().wait()

        tasks.start("one", one)
        await asyncio.wait_for(again.wait(), 10)
        await tasks.stop()

    asyncio.run(run())

    line = recording.lines[0]
    assert (line["message"], line["task"]) == ("background task failed", "one")
    assert "KeyError: 'x'" in line["traceback"]
    assert recording.metric("spanhook_background_failures_total", task="one") == 1


def test_a_run_that_lasted_ends_the_growth_of_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Failures in a row wait longer and longer; after a run of over a minute it starts anew."""
    now = 0.0
    lasting = iter([1.0, 1.0, 60.0, 61.0, 1.0])
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    async def one() -> None:
        nonlocal now
        seconds = next(lasting, None)
        if seconds is not None:
            now += seconds
            raise KeyError("x")

    async def run() -> None:
        recording = Recording()
        tasks = Tasks(recording.log, recording.telemetry, lambda: now)
        tasks.start("one", one)
        await asyncio.gather(*(task for task in asyncio.all_tasks() if task.get_name() == "one"))

    monkeypatch.setattr("random.uniform", lambda _, high: high)
    monkeypatch.setattr("webhook.server.cluster.tasks.asyncio.sleep", pause)
    asyncio.run(run())

    assert pauses == [1.0, 2.0, 4.0, 1.0, 2.0]


def test_stopping() -> None:
    """Tasks are cancelled, do what they have to do at their ends, and are waited for."""
    ended: list[str] = []

    async def run() -> None:
        recording = Recording()
        tasks = Tasks(recording.log, recording.telemetry)

        async def holder() -> None:
            try:
                await asyncio.Event().wait()
            finally:
                await asyncio.sleep(0)
                ended.append("let go")

        async def short() -> None:
            ended.append("done")

        tasks.start("holder", holder)
        tasks.start("short", short)
        await asyncio.sleep(0)
        await tasks.stop()

    asyncio.run(run())

    assert ended == ["done", "let go"]


def test_stopping_with_nothing_started() -> None:
    """Stopping needs no tasks."""

    async def run() -> None:
        recording = Recording()
        await Tasks(recording.log, recording.telemetry).stop()

    asyncio.run(run())
