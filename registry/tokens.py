"""Bearer tokens: asked for where the registry sends us, kept until they expire.

Docker's token protocol: with a user and password by GET, with an identity token by POST (OAuth 2).
"""

import re
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from msgspec import Struct

from registry.answer import Answer
from registry.call import Call
from registry.challenge import Challenge
from registry.documents import decode
from registry.errors import Malformed, NotFound, RateLimited, Unauthorized, UnexpectedStatus, shown
from registry.flights import Flights
from registry.keyring import Credential
from registry.limits import Limits
from registry.quota import retry_after
from registry.recent import Recent
from registry.transport import Ask, Transport, parsed

_KEPT: Final = 1024
_USUAL_SECONDS: Final = 60  # where the answer says nothing; the protocol's own default
_LONGEST_SECONDS: Final = 3600
_MARGIN: Final = 0.8  # of its life a token is used: it travels, and clocks differ
_VALUES: Final = 1000
# OAuth 2 says 400 for a token that is no good.
_REFUSALS: Final = frozenset(
    {HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
)
_CLIENT: Final = "oci-registry-client"
_TOKEN: Final = re.compile(r"[\x21-\x7e]{1,32768}")
_SCOPE: Final = re.compile(r"repository:([\w./:-]{1,512}):[\w,*-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Realm:
    """Where tokens come from, for which service and for which repository."""

    url: str
    service: str
    scope: str


@dataclass(frozen=True, slots=True)
class _Token:
    authorization: str = field(repr=False)
    expires: float = 0.0


class _Answer(Struct):
    token: str | None = None
    access_token: str | None = None
    expires_in: int | float | None = None


class Tokens:
    """The tokens of all registries; one request for those who want the same at the same time."""

    def __init__(self, transport: Transport, limits: Limits) -> None:
        self._transport = transport
        self._limits = limits
        self._kept: Recent[tuple[Realm, Credential | None], _Token] = Recent(_KEPT)
        self._flights: Flights[_Token] = Flights()

    async def obtain(self, realm: Realm, credential: Credential | None, call: Call) -> str:
        """The value of an Authorization header. Raises Unauthorized, and faults of the way."""
        key = (realm, credential)
        token = self._kept.get(key)
        if token is None or token.expires <= call.now:
            what = f"a token of {shown(realm.url)}"
            token = await self._flights.join(
                key, call, lambda own: self._fetch(realm, credential, own), what
            )
            self._kept.put(key, token)
        return token.authorization

    def reject(self, realm: Realm, credential: Credential | None) -> None:
        """Forget a token that the registry did not take."""
        self._kept.drop((realm, credential))

    async def close(self) -> None:
        """End the requests that are on their way."""
        await self._flights.close()

    async def _fetch(self, realm: Realm, credential: Credential | None, call: Call) -> _Token:
        asked = call.now
        what = f"the token of {shown(realm.url)}"
        async with self._transport.send(_ask(realm, credential), call) as answer:
            _check(answer, self._limits, what)
            body = await answer.body(self._limits.token_bytes, what)
        return _token(decode(body, _Answer, _VALUES, what), asked, what)


def realm(challenge: Challenge, path: str) -> Realm:
    """Where a Bearer challenge sends us, to pull and nothing else. Raises Malformed.

    The repository is the challenge's own where it names one: virtual registries have other names
    inside than outside.
    """
    parameters = challenge.parameters
    if "realm" not in parameters:
        raise Malformed("the registry's challenge names no realm")
    named = _SCOPE.fullmatch(parameters.get("scope", ""))
    scope = f"repository:{named[1] if named else path}:pull"
    return Realm(parameters["realm"], parameters.get("service", ""), scope)


def _ask(realm: Realm, credential: Credential | None) -> Ask:
    url = parsed(realm.url, "the realm of the registry's challenge")
    fields = {"service": realm.service} if realm.service else {}
    fields["scope"] = realm.scope
    if credential is not None and credential.identity_token:
        form = {"grant_type": "refresh_token", "client_id": _CLIENT} | fields
        form["refresh_token"] = credential.identity_token
        return Ask("POST", url, "application/json", form=form)
    authorization = credential.basic if credential is not None else ""
    return Ask("GET", url.update_query(fields), "application/json", authorization)


def _check(answer: Answer, limits: Limits, what: str) -> None:
    if answer.status in _REFUSALS:
        raise Unauthorized(f"{answer.host} refuses {what}")
    if answer.status == HTTPStatus.NOT_FOUND:
        raise NotFound(f"{answer.host} has no place for {what}")
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        seconds = retry_after(answer.headers.get("retry-after", "")) or _USUAL_SECONDS
        bounded = min(seconds, limits.longest_retry_after)
        raise RateLimited(f"{answer.host} gives no tokens for now", bounded)
    if answer.status != HTTPStatus.OK:
        raise UnexpectedStatus(f"{answer.host} answers {answer.status} for {what}", answer.status)


def _token(answer: _Answer, asked: float, what: str) -> _Token:
    token = answer.token or answer.access_token or ""
    if not _TOKEN.fullmatch(token):
        raise Malformed(f"{what} is missing or no token")
    seconds = _USUAL_SECONDS if answer.expires_in is None else answer.expires_in
    life = min(max(seconds, 0), _LONGEST_SECONDS) * _MARGIN
    return _Token(f"Bearer {token}", asked + life)
