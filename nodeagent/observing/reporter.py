"""Tells the API server what was seen, in the background."""

import asyncio
from collections import OrderedDict

from kube.client import Client
from nodeagent.observing.application import Seen


class Reporter:
    """Takes what was seen, and writes it while `run` runs. `node` is the node's name."""

    def __init__(self, client: Client, node: str) -> None:
        self._client = client
        self._node = node
        self._waiting: OrderedDict[tuple[object, str, str], Seen] = OrderedDict()
        self._wake = asyncio.Event()

    def put(self, seen: Seen) -> None:
        """Have it written, unless it is known already. Never waits, never raises."""
        self._waiting[seen.workload, seen.container, seen.digest] = seen
        self._wake.set()

    async def run(self) -> None:
        """Write what is put; never returns."""
        while True:
            await self._wake.wait()
            self._wake.clear()
