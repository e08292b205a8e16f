"""The way in: reads images by name, wherever the settings say that they are, within a deadline."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from copy import copy
from dataclasses import replace
from typing import Any, Final, TypeVar

import aiohttp

from registry import description, repository
from registry.access import Access, Registries
from registry.answer import Answer
from registry.call import Call
from registry.errors import RegistryError, Unauthorized
from registry.flights import Flights
from registry.keyring import Credential, Keyring
from registry.layers import Layer
from registry.limits import Budget
from registry.model import Description, Descriptor, Name, Platform, Resolved
from registry.resolver import Lookup, Resolver, SystemLookup
from registry.routes import Place, places
from registry.settings import Settings, named
from registry.tokens import Tokens
from registry.transport import Transport, counting

T = TypeVar("T")
Read = Callable[[Access, Call], Awaitable[T]]

_NOBODY: Final = Keyring()
_DEFAULTS: Final = Settings()
_NAMES_SECONDS: Final = 10  # for which an address is remembered


@asynccontextmanager
async def connect(
    settings: Settings = _DEFAULTS, lookup: Lookup | None = None
) -> AsyncIterator["Client"]:
    """A client, its connections closed at the end. `lookup` takes the system's resolver's place.

    Raises ssl.SSLError where the settings' authorities are no certificates.
    """
    async with AsyncExitStack() as stack:
        if lookup is None:
            lookup = system = SystemLookup()
            stack.callback(system.close)
        resolver = Resolver(lookup, lambda host, port: _is_ours(settings, host, port))
        connector = aiohttp.TCPConnector(resolver=resolver, ttl_dns_cache=_NAMES_SECONDS, limit=0)
        session = aiohttp.ClientSession(
            connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trace_configs=[counting()]
        )
        transport = Transport(await stack.enter_async_context(session), settings)
        tokens = Tokens(transport, settings.limits)
        stack.push_async_callback(tokens.close)
        client = Client(Registries(settings, transport, tokens))
        stack.push_async_callback(client.close)
        yield client


class Client:
    """Reads images. Deadlines are times of the event loop's clock (`loop.time() + seconds`).

    Every method raises a RegistryError, whose `spent` says what was spent until then. Credentials
    are looked up by the name of the place that is asked: a mirror gets its own.
    """

    def __init__(self, registries: Registries) -> None:
        self._registries = registries
        self.is_background = False
        self._resolutions: Flights[Resolved] = Flights()
        self._descriptions: Flights[Description] = Flights()

    def in_background(self) -> "Client":
        """The same client, for reads that nobody waits for: they leave half of the pulls alone."""
        client = copy(self)
        client.is_background = True
        return client

    async def resolve(self, name: Name, *, deadline: float, keyring: Keyring = _NOBODY) -> Resolved:
        """What a tag points to now: one request, and none that Docker Hub counts."""

        async def read(call: Call) -> Resolved:
            return await self._anywhere(
                name, keyring, call, lambda access, part: description.resolve(access, name, part)
            )

        key = (*_key(name), keyring)
        async with self._reading(name, deadline) as call:
            found = await self._resolutions.join(key, call, read, _text(name))
            return replace(found, spent=call.meter.spent)

    async def describe(
        self,
        name: Name,
        *,
        deadline: float,
        platforms: Collection[Platform] = (),
        keyring: Keyring = _NOBODY,
    ) -> Description:
        """Manifest and configuration for each of the platforms that the image has.

        All of its platforms where none is given. Those who ask for the same at the same time, with
        the same credentials, share one read; the first one's `spent` has what it cost.
        """

        async def read(call: Call) -> Description:
            return await self._anywhere(
                name,
                keyring,
                call,
                lambda access, part: description.describe(access, name, platforms, part),
            )

        key = (*_key(name), frozenset(platforms), keyring)
        async with self._reading(name, deadline) as call:
            found = await self._descriptions.join(key, call, read, _text(name))
            return replace(found, spent=call.meter.spent)

    @asynccontextmanager
    async def layer(
        self,
        name: Name,
        layer: Descriptor,
        *,
        deadline: float,
        budget: Budget,
        keyring: Keyring = _NOBODY,
    ) -> AsyncIterator[Layer]:
        """The entries of a layer's archive, from the front, for as long as the block wants them.

        What the block does not read is not fetched: leaving it closes the connection.
        """
        async with AsyncExitStack() as stack:
            async with self._reading(name, deadline) as call:

                async def enter(access: Access, part: Call) -> Answer:
                    return await stack.enter_async_context(repository.stream(access, layer, part))

                began = call.now
                answer = await self._anywhere(name, keyring, call, enter)
            until = min(deadline, began + budget.seconds)
            opened = Layer(answer, layer, budget, until, call.meter.spent)
            try:
                yield opened
            except RegistryError as error:
                error.spent = opened.spent
                raise
            finally:
                opened.close()

    async def close(self) -> None:
        """End what is on its way."""
        await self._resolutions.close()
        await self._descriptions.close()

    async def _anywhere(self, name: Name, keyring: Keyring, call: Call, read: Read[T]) -> T:
        """Read at the first place that has it. Raises the last one's fault, the others as notes."""
        *mirrors, last = places(name, self._registries.settings.routes)
        notes: list[str] = []
        for left, place in zip(range(len(mirrors), 0, -1), mirrors, strict=True):
            part = call.part(left + 1)  # a mirror that hangs leaves time for the others
            try:
                async with part.limited(place.name):
                    return await self._somehow(place, keyring, part, read)
            except RegistryError as error:
                notes.append(f"{place.name} before it: {error}")
        try:
            return await self._somehow(last, keyring, call, read)
        except RegistryError as error:
            for note in notes:
                error.add_note(note)
            raise

    async def _somehow(self, place: Place, keyring: Keyring, call: Call, read: Read[T]) -> T:
        """Read with each of the fitting credentials in turn, as the kubelet pulls."""
        candidates: tuple[Credential | None, ...] = keyring.candidates(place.name) or (None,)
        for credential in candidates[:-1]:
            try:
                return await read(Access(self._registries, place, credential), call)
            except Unauthorized:
                continue
        return await read(Access(self._registries, place, candidates[-1]), call)

    @asynccontextmanager
    async def _reading(self, name: Name, deadline: float) -> AsyncIterator[Call]:
        call = Call(deadline, is_background=self.is_background)
        try:
            async with call.limited(_text(name)):
                yield call
        except RegistryError as error:
            error.spent = call.meter.spent
            raise


def _key(name: Name) -> tuple[Any, ...]:
    return (name.domain, name.path, name.tag, name.digest)


def _text(name: Name) -> str:
    tag = f"@{name.digest}" if name.digest else f":{name.tag or 'latest'}"
    return f"{name.domain}/{name.path}{tag}"


def _is_ours(settings: Settings, host: str, port: int) -> bool:
    """Whether the settings name the host: as a local registry, or as a proxy."""
    return named(settings.local, host, port) or settings.proxies.includes(host, port)
