"""The socket's life: listen with deadlines, look after the certificate, stop without losing a call.

What uvicorn has no settings for. The deadlines of connections: `webhook.server.protocol`.
"""

import asyncio
import signal
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from socket import socket
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from webhook.server.limits import Limits
from webhook.server.protocol import Protocol, Rejected

_SWEEP_TICKS = 2  # uvicorn ticks ten times a second
_REFRESH_TICKS = 100


@dataclass(frozen=True, slots=True)
class Hooks:
    """What the listener calls: `ready` with the bound port, `refresh` every ten seconds.

    `background` is entered before listening, and left when the last answer is sent.
    """

    ready: Callable[[int], None]
    refresh: Callable[[], None]
    rejected: Rejected
    background: Callable[[], AbstractAsyncContextManager[object]] = nullcontext


class Listener(uvicorn.Server):
    """Serves `app` at `host` and `port`."""

    def __init__(
        self,
        app: ASGIApp,
        context: ssl.SSLContext,
        address: tuple[str, int],
        limits: Limits,
        hooks: Hooks,
    ) -> None:
        super().__init__(_config(app, context, address, limits))
        self.limits = limits
        self.hooks = hooks
        self.stopping = False

    async def serve(self, sockets: list[socket] | None = None) -> None:
        """Serve until stopped, with what runs in the background."""
        with self.capture_signals():
            async with self.hooks.background():
                await self._serve(sockets)

    async def startup(self, sockets: list[socket] | None = None) -> None:  # noqa: ARG002
        """Listen, with bounded handshakes. Raises OSError, where uvicorn's ends the process."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: Protocol(
                self.config, self.server_state, loop, self.limits, self.hooks.rejected
            ),
            host=self.config.host,
            port=self.config.port,
            ssl=self.config.ssl,
            backlog=self.config.backlog,
            ssl_handshake_timeout=self.limits.handshake_seconds,
            ssl_shutdown_timeout=self.limits.goodbye_seconds,
        )
        self.servers = [server]
        self.started = True
        self.hooks.ready(server.sockets[0].getsockname()[1])

    async def on_tick(self, counter: int) -> bool:
        """Close what is overdue, look after the certificate; True when it is time to stop."""
        if counter % _SWEEP_TICKS == 0:
            self._sweep()
        if counter % _REFRESH_TICKS == 0:
            self.hooks.refresh()
        return await super().on_tick(counter)

    def _connections(self) -> list[Protocol]:
        """A copy: connections leave the set while they are closed."""
        return [one for one in self.server_state.connections if isinstance(one, Protocol)]

    def _sweep(self) -> None:
        now = asyncio.get_running_loop().time()
        for connection in self._connections():
            if connection.deadline < now:
                connection.expire()

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """Stop listening, let calls that are on their way arrive, wait for the last answers."""
        self.stopping = True
        for server in self.servers:
            server.close()
        for connection in self._connections():
            connection.stop()
        sweeping = asyncio.create_task(self._sweep_on())
        try:
            await self._linger()
            await super().shutdown(sockets)
        finally:
            sweeping.cancel()
            await self._abort()

    async def _abort(self) -> None:
        """Cut off who is left when the time is up."""
        for connection in self._connections():
            connection.transport.abort()
        await asyncio.sleep(0)  # connections learn of it in the loop's next round

    async def _linger(self) -> None:
        """An idle connection may just be getting a call: closed at once, that call would fail."""
        loop = asyncio.get_running_loop()
        end = loop.time() + self.limits.linger_seconds
        while loop.time() < end and self.server_state.connections and not self.force_exit:  # noqa: ASYNC110
            await asyncio.sleep(0.02)  # uvicorn keeps a plain set: there is nothing to wait on

    async def _sweep_on(self) -> None:
        """A slow peer must not use up the time that answers in progress have."""
        while True:
            self._sweep()
            await asyncio.sleep(0.2)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on SIGTERM and SIGINT.

        uvicorn's own raises the signal anew at the end, so that a good stop looks like a kill.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        numbers = (signal.SIGTERM, signal.SIGINT)
        previous = [signal.signal(number, self.handle_exit) for number in numbers]
        try:
            yield
        finally:
            for number, handler in zip(numbers, previous, strict=True):
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """Stop at the first signal, without waiting at the second, whichever of the two it is."""
        self.force_exit = self.should_exit
        self.should_exit = True


def _config(
    app: ASGIApp, context: ssl.SSLContext, address: tuple[str, int], limits: Limits
) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=address[0],
        port=address[1],
        http=Protocol,
        loop="uvloop",
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=limits.stop_seconds,
        ssl_context_factory=lambda _config, _default: context,
    )
