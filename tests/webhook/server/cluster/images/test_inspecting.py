"""The inspector that the settings ask for."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import pytest

from inspection.inspector import Inspector
from tests.waiting import eventually
from tests.webhook.server.cluster.recording import Recording
from webhook.server.cluster.inspecting import Inspecting
from webhook.settings import ImageInspectionSettings


class Connections:
    """Stands in for `inspection.inspector.connect`: an inspector is the settings that it has."""

    def __init__(self) -> None:
        self.open: list[ImageInspectionSettings] = []
        self.error: Exception | None = None

    @asynccontextmanager
    async def connect(self, settings: ImageInspectionSettings) -> AsyncIterator[Inspector]:
        """One connection."""
        if self.error is not None:
            raise self.error
        self.open.append(settings)
        try:
            yield cast("Inspector", settings)
        finally:
            self.open.remove(settings)


FIRST, SECOND = ImageInspectionSettings(), ImageInspectionSettings(tag_age=60)
OFF = ImageInspectionSettings(enabled=False)


def test_settings_that_change() -> None:
    """The inspector is the newest settings'; the one before is closed, the same is left alone."""

    async def scene() -> None:
        connections, recording = Connections(), Recording()
        inspecting = Inspecting(recording.log, connections.connect)
        task = asyncio.create_task(inspecting.run())
        await asyncio.sleep(0)
        assert inspecting.inspector is None
        assert "not read" in inspecting.problem
        inspecting.take(FIRST)
        await eventually(lambda: inspecting.inspector is not None, "connected")
        assert (connections.open, inspecting.problem) == ([FIRST], "")
        inspecting.take(ImageInspectionSettings())
        await asyncio.sleep(0)
        assert connections.open == [FIRST]
        inspecting.take(SECOND)
        await eventually(lambda: connections.open == [SECOND], "connected anew")
        inspecting.take(OFF)
        await eventually(lambda: connections.open == [], "closed")
        assert inspecting.inspector is None
        assert "off" in inspecting.problem
        inspecting.take(FIRST)
        await eventually(lambda: connections.open == [FIRST], "connected again")
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert connections.open == []
        assert inspecting.inspector is None
        assert recording.lines == []

    asyncio.run(scene())


@pytest.mark.parametrize("error", [ValueError("mirrors: no"), ssl.SSLError("no certificate")])
def test_settings_that_cannot_be_used(error: Exception) -> None:
    """Nobody is asked; the log says why, and others make it good."""

    async def scene() -> None:
        connections, recording = Connections(), Recording()
        connections.error = error
        inspecting = Inspecting(recording.log, connections.connect)
        task = asyncio.create_task(inspecting.run())
        inspecting.take(FIRST)
        await eventually(lambda: recording.lines, "the log says it")
        assert inspecting.inspector is None
        assert inspecting.problem == str(error)
        connections.error = None
        inspecting.take(SECOND)
        await eventually(lambda: inspecting.inspector is not None, "connected")
        assert recording.said() == [("error", "registries cannot be asked")]
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(scene())
