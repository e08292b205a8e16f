"""The inspector of images that the settings ask for, made anew where they change.

the settings        registries are asked
------------------  ----------------------------------------------------------------------------
right               as they say
off                 not at all
cannot be used      not at all; the log says why, once, until the settings change
changed             as they say now; what is on its way is given up, and asked again by who needs it
"""

import asyncio
import ssl
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from inspection.inspector import Inspector, connect
from webhook.server.logs import Log
from webhook.settings import ImageInspectionSettings

Connect = Callable[[ImageInspectionSettings], AbstractAsyncContextManager[Inspector]]


class Inspecting:
    """Has an `inspector` while `run` runs and the settings can be used."""

    def __init__(self, log: Log, connect: Connect = connect) -> None:
        self._log = log
        self._connect = connect
        self._settings: ImageInspectionSettings | None = None
        self._changed = asyncio.Event()
        self.inspector: Inspector | None = None
        self.problem = "the settings are not read yet"
        """Why there is none; "" while there is one."""

    def take(self, settings: ImageInspectionSettings) -> None:
        """Follow the settings."""
        if settings != self._settings:
            self._settings = settings
            self._changed.set()

    async def run(self) -> None:
        """Follow the settings; never returns."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            settings = self._settings
            if settings is None or not settings.enabled:
                self.problem = "the settings switch it off"
                continue
            try:
                await self._serve(settings)
            except (ValueError, ssl.SSLError) as error:
                self.problem = str(error)
                self._log.event("error", "registries cannot be asked", problem=self.problem)

    async def _serve(self, settings: ImageInspectionSettings) -> None:
        """Be there until the settings change. Raises ValueError and ssl.SSLError for bad ones."""
        async with self._connect(settings) as inspector:
            self.inspector, self.problem = inspector, ""
            try:
                await self._changed.wait()
            finally:
                self.inspector, self.problem = None, "the settings are changing"
