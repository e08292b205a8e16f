"""Names to addresses, less those that nothing is followed to.

The connector connects to what it gets here and resolves nothing a second time: a name that answers
differently each time (DNS rebinding) is judged by the address that is really used.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

from aiohttp.abc import AbstractResolver, ResolveResult

from registry.addresses import refusal
from registry.errors import ForbiddenAddress, shown

Lookup = Callable[[str, int], Awaitable[list[str]]]
"""The addresses of a host; raises OSError where it has none."""
IsLocal = Callable[[str, int], bool]
"""Whether the settings name the host, so that every address of it is fine."""

# Threads of our own: a name server that hangs must not stop those that others wait for.
_THREADS = 4


class SystemLookup:
    """The machine's resolver, in a few threads."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_THREADS, "registry-lookup")

    async def __call__(self, host: str, port: int) -> list[str]:
        """The addresses of a host, in the order in which they should be tried."""
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._threads, _addresses, host, port)
        return list(dict.fromkeys(found))

    def close(self) -> None:
        """Let go of the threads; one that waits for a name server ends when that answers."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _addresses(host: str, port: int) -> list[str]:
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    return [str(address[0]) for *_, address in answers]


class Resolver(AbstractResolver):
    """What the connector asks."""

    def __init__(self, lookup: Lookup, is_local: IsLocal) -> None:
        self._lookup = lookup
        self._is_local = is_local

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_UNSPEC,  # noqa: ARG002  # always any
    ) -> list[ResolveResult]:
        """Addresses that may be connected to. Raises ForbiddenAddress where all others are gone."""
        found = await self._lookup(host, port)
        refused = {} if self._is_local(host, port) else _refused(found)
        allowed = [address for address in found if address not in refused]
        if refused and not allowed:
            address, why = next(iter(refused.items()))
            raise ForbiddenAddress(f"{shown(host)} has the address {address} ({why})")
        if not allowed:
            raise OSError(f"{shown(host)} has no address")
        return [_result(host, address, port) for address in allowed]

    async def close(self) -> None:
        """Nothing to do: the look-up belongs to whoever made it."""


def _refused(addresses: list[str]) -> dict[str, str]:
    judged = {address: refusal(address) for address in addresses}
    return {address: why for address, why in judged.items() if why is not None}


def _result(host: str, address: str, port: int) -> ResolveResult:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return ResolveResult(
        hostname=host,
        host=address,
        port=port,
        family=family,
        proto=socket.IPPROTO_TCP,
        flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
    )
