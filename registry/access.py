"""Requests to one repository, authenticated as its registry asks for, and only as often as it lets.

The way in is remembered: after the first challenge the next request brings its token along, also
for another repository of the same registry, which saves a request each time.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from yarl import URL

from registry.answer import Answer
from registry.call import Call
from registry.challenge import Challenge, parse
from registry.errors import (
    NotFound,
    RateLimited,
    RegistryError,
    ServerError,
    Unauthorized,
    UnexpectedStatus,
)
from registry.keyring import Credential
from registry.quota import Quota, retry_after
from registry.recent import Recent
from registry.routes import Place
from registry.settings import Settings, named
from registry.tokens import Realm, Tokens, realm
from registry.transport import Ask, Transport

_KEPT: Final = 1024
_SCHEMES: Final = ("bearer", "basic")


@dataclass(frozen=True, slots=True)
class Registries:
    """What is known of all registries together, shared by every read."""

    settings: Settings
    transport: Transport
    tokens: Tokens
    challenges: Recent[str, Challenge] = field(default_factory=lambda: Recent(_KEPT))
    realms: Recent[Place, Realm] = field(default_factory=lambda: Recent(_KEPT))
    quotas: Recent[tuple[str, Credential | None], Quota] = field(
        default_factory=lambda: Recent(_KEPT)
    )


class Access:
    """One repository, with one credential or none."""

    def __init__(self, registries: Registries, place: Place, credential: Credential | None) -> None:
        self._all = registries
        self._credential = credential
        self.place = place
        self.limits = registries.settings.limits
        self.quota = registries.quotas.obtain(
            (place.host, credential), lambda: Quota(registries.settings.limits)
        )
        host = URL(f"https://{place.host}", encoded=True)
        is_plain = named(registries.settings.plain_http, host.raw_host or "", host.port or 0)
        self._root = f"{'http' if is_plain else 'https'}://{place.host}/v2/{place.path}"

    @asynccontextmanager
    async def open(
        self, method: str, path: str, call: Call, *, accept: str = "*/*", streams: bool = False
    ) -> AsyncIterator[Answer]:
        """The registry's answer, of status 200. Raises every other one's fault."""
        url = URL(f"{self._root}/{path}", encoded=True)
        if wait := self.quota.wait(call.now):
            raise RateLimited(f"{self.place.host} said not to ask now", wait)
        authorization = await self._remembered(call)
        for is_last in (False, True):
            ask = Ask(method, url, accept, authorization, streams=streams)
            async with self._send(ask, call) as answer:
                if answer.status == HTTPStatus.OK:
                    yield answer
                    return
                await answer.discard(self.limits.error_bytes)
                # Who is asked after a redirect has no business with these credentials.
                if answer.status != HTTPStatus.UNAUTHORIZED or answer.crossed or is_last:
                    raise self._fault(answer, call)
                challenges = parse(answer.all("www-authenticate"))
            authorization = await self._met(challenges, call)

    @asynccontextmanager
    async def _send(self, ask: Ask, call: Call) -> AsyncIterator[Answer]:
        try:
            async with self._all.transport.send(ask, call) as answer:
                if not answer.crossed:
                    self.quota.note(answer.headers, call.now)
                yield answer
        except ServerError as error:
            if error.retry_after is not None:
                self.quota.refused(error.retry_after, call.now)
            raise

    async def _remembered(self, call: Call) -> str:
        """Authorization as it worked before; "" where nothing is known yet."""
        realm_here = self._all.realms.get(self.place)
        if realm_here is not None:
            return await self._token(realm_here, call)
        challenge = self._all.challenges.get(self.place.host)
        if challenge is None:
            return ""
        if challenge.scheme == "basic":
            return self._basic()
        try:
            return await self._token(realm(challenge, self.place.path), call)
        except (Unauthorized, NotFound, UnexpectedStatus):
            return ""  # guessed wrongly: the registry will say what it wants

    async def _met(self, challenges: Sequence[Challenge], call: Call) -> str:
        """Authorization as the registry asks for it. Raises Unauthorized where there is none."""
        known = {challenge.scheme: challenge for challenge in reversed(challenges)}
        challenge = next((known[scheme] for scheme in _SCHEMES if scheme in known), None)
        if challenge is None:
            raise Unauthorized(f"{self.place.host} asks for an unknown kind of credentials")
        if challenge.scheme == "basic":
            self._all.challenges.put(self.place.host, challenge)
            if not (authorization := self._basic()):
                raise Unauthorized(f"{self.place.host} asks for a user and a password")
            return authorization
        asked = realm(challenge, self.place.path)
        self._all.tokens.reject(asked, self._credential)
        authorization = await self._token(asked, call)
        self._all.realms.put(self.place, asked)
        self._all.challenges.put(self.place.host, _without_scope(challenge))
        return authorization

    async def _token(self, realm: Realm, call: Call) -> str:
        try:
            return await self._all.tokens.obtain(realm, self._credential, call)
        except RateLimited as error:
            self.quota.refused(error.retry_after, call.now)
            raise

    def _basic(self) -> str:
        if self._credential is None or not self._credential.password:
            return ""
        return self._credential.basic

    def _who(self) -> str:
        # Never by its name: some registries take API tokens as names of users.
        return "everybody" if self._credential is None else "the given credentials"

    def _fault(self, answer: Answer, call: Call) -> RegistryError:
        name = self.place.name
        match answer.status:
            case HTTPStatus.UNAUTHORIZED:
                return Unauthorized(f"{name} is not for {self._who()}")
            case HTTPStatus.FORBIDDEN:
                return Unauthorized(f"{name} is forbidden to us")
            case HTTPStatus.NOT_FOUND:
                return NotFound(f"{name} is not there, or not with that tag or digest")
            case HTTPStatus.TOO_MANY_REQUESTS:
                asked = retry_after(answer.headers.get("retry-after", ""))
                seconds = self.quota.refused(asked, call.now)
                return RateLimited(f"{answer.host} was asked too often", seconds)
        return UnexpectedStatus(f"{answer.host} answers {answer.status} for {name}", answer.status)


def _without_scope(challenge: Challenge) -> Challenge:
    kept = {name: value for name, value in challenge.parameters.items() if name != "scope"}
    return Challenge(challenge.scheme, kept)
