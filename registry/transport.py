"""Requests: to hosts that may be asked, with redirects, within their turns, counted."""

import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from http import HTTPStatus
from types import SimpleNamespace
from typing import Final, Literal

import aiohttp
from yarl import URL

from registry.addresses import refusal
from registry.answer import Answer
from registry.call import Call
from registry.errors import ForbiddenAddress, ForbiddenRedirect, Malformed, ServerError, shown
from registry.faults import translated
from registry.hosts import Host
from registry.quota import retry_after
from registry.recent import Recent
from registry.settings import Settings, named
from registry.spent import Meter

_REDIRECTS: Final = frozenset(
    {
        HTTPStatus.MOVED_PERMANENTLY,
        HTTPStatus.FOUND,
        HTTPStatus.SEE_OTHER,
        HTTPStatus.TEMPORARY_REDIRECT,
        HTTPStatus.PERMANENT_REDIRECT,
    }
)
_HOSTS: Final = 512
_NO_TIMEOUT: Final = aiohttp.ClientTimeout()  # the call's deadline holds for all of it
_BUFFER: Final = 32 << 10


@dataclass(frozen=True, slots=True)
class Ask:
    """One request."""

    method: str
    url: URL
    accept: str = "*/*"
    authorization: str = field(default="", repr=False)
    form: Mapping[str, str] | None = field(default=None, repr=False)
    streams: bool = False


class Transport:
    """Sends requests through one session, which belongs to whoever made it."""

    def __init__(self, session: aiohttp.ClientSession, settings: Settings) -> None:
        self._session = session
        self._settings = settings
        self._hosts: Recent[str, Host] = Recent(_HOSTS)
        if settings.authorities:
            self._verified  # noqa: B018  # to hear now, not later, that they are none

    @cached_property
    def _verified(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self._settings.authorities:
            context.load_verify_locations(cadata=self._settings.authorities)
        return context

    @cached_property
    def _unverified(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context

    @asynccontextmanager
    async def send(self, ask: Ask, call: Call) -> AsyncIterator[Answer]:
        """The answer, after redirects, whatever its status below 500 is.

        Authorization goes to the origin that was asked and to no other. Raises every fault of the
        way there; the caller's block has the call's deadline to keep.
        """
        origin = ask.url.origin()
        for _ in range(self._settings.limits.redirects + 1):
            crossed = ask.url.origin() != origin
            async with self._exchange(ask, call, crossed=crossed) as answer:
                target = _target(ask, answer)
                if target is None:
                    yield answer
                    return
                await answer.discard(self._settings.limits.error_bytes)
            same = target.origin() == ask.url.origin()
            ask = replace(ask, url=target, authorization=ask.authorization if same else "")
        raise ForbiddenRedirect(f"{origin.authority} redirects again and again")

    @asynccontextmanager
    async def _exchange(self, ask: Ask, call: Call, *, crossed: bool) -> AsyncIterator[Answer]:
        """One request and its answer, without redirects."""
        host = _host(ask.url)
        context = self._context(ask.url)
        state = self._hosts.obtain(host, lambda: Host(host, self._settings.limits))
        async with state.turn(call, streams=ask.streams) as turn:
            with translated(host):
                response = await self._request(ask, context, call.meter)
            answer = Answer(response, host, crossed=crossed)
            call.meter.open(answer)
            try:
                if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                    wait = retry_after(answer.headers.get("retry-after", ""))
                    raise ServerError(f"{host} answers with status {answer.status}", wait)
                turn.answered = True
                yield answer
            finally:
                call.meter.close(answer)
                answer.close()

    async def _request(
        self, ask: Ask, context: ssl.SSLContext | Literal[True], meter: Meter
    ) -> aiohttp.ClientResponse:
        headers = {
            "Accept": ask.accept,
            "Accept-Encoding": "identity",
            "User-Agent": self._settings.user_agent,
        }
        if ask.authorization:
            headers["Authorization"] = ask.authorization
        return await self._session.request(
            ask.method,
            ask.url,
            headers=headers,
            data=ask.form,
            allow_redirects=False,
            auto_decompress=False,
            read_bufsize=_BUFFER,
            timeout=_NO_TIMEOUT,
            ssl=context,
            trace_request_ctx=meter,
            proxy=self._settings.proxies.proxy(ask.url.scheme, *_address(ask.url)),
        )

    def _context(self, url: URL) -> ssl.SSLContext | Literal[True]:
        """How TLS is done with a host that may be asked. Raises where it may not."""
        host, port = _address(url)
        if (why := refusal(host)) is not None and not named(self._settings.local, host, port):
            raise ForbiddenAddress(f"{_host(url)} is an address that is not followed ({why})")
        if url.scheme == "http":
            if named(self._settings.plain_http, host, port):
                return True  # not looked at
            raise ForbiddenRedirect(f"{_host(url)} is to be asked without TLS")
        is_unverified = named(self._settings.unverified, host, port)
        return self._unverified if is_unverified else self._verified


def counting() -> aiohttp.TraceConfig:
    """What a session of a `Transport` needs, so that requests are counted as they go out.

    The HTTP client sends some a second time by itself: when a connection closes without an answer.
    """
    trace = aiohttp.TraceConfig()
    trace.on_request_headers_sent.append(_count)
    return trace


async def _count(_session: aiohttp.ClientSession, context: SimpleNamespace, _sent: object) -> None:
    meter: Meter = context.trace_request_ctx
    meter.request()


def parsed(text: str, what: str) -> URL:
    """An absolute URL of http or https that came from outside. Raises Malformed."""
    try:
        url = URL(text, encoded=text.isascii() and text.isprintable() and " " not in text)
        address = url.raw_host and url.port
    except ValueError as error:
        raise Malformed(f"{what} is no URL: {shown(text)!r}") from error
    if not address or url.scheme not in {"http", "https"}:
        raise Malformed(f"{what} is no URL of http or https: {shown(text)!r}")
    return url.with_fragment(None).with_user(None)


def _target(ask: Ask, answer: Answer) -> URL | None:
    """Where an answer sends us; None where it is an answer."""
    location = answer.headers.get("location")
    if answer.status not in _REDIRECTS or location is None or ask.method == "POST":
        return None
    what = f"the redirect of {answer.host}"
    try:
        target = parsed(str(ask.url.join(URL(location, encoded=True))), what)
    except (Malformed, ValueError) as error:
        raise ForbiddenRedirect(f"{what} leads to {shown(location)!r}") from error
    if ask.url.scheme == "https" and target.scheme == "http":
        raise ForbiddenRedirect(f"{what} leads away from TLS, to {_host(target)}")
    return target


def _address(url: URL) -> tuple[str, int]:
    return url.raw_host or "", url.port or 0


def _host(url: URL) -> str:
    """Host, and the port where it is not the scheme's own."""
    host = url.raw_host or ""
    bracketed = f"[{host}]" if ":" in host else host
    return bracketed if url.is_default_port() else f"{bracketed}:{url.port}"
