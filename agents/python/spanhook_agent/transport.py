"""The exporters' HTTP by the standard library alone.

Upstream's exporters send through requests and urllib3. Those are packages that applications pin,
and importing them before gevent patches the ssl module breaks HTTPS for the application itself.
"""

from __future__ import annotations

import atexit
import importlib
import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from functools import cache
from http.client import HTTPException
from typing import Any, cast
from urllib import error, request

from opentelemetry.exporter.http.transport._base import (
    BaseHTTPResult,
    BaseHTTPTransport,
)

# Set when the program ends: with the collector away, upstream would retry for another 8 s.
_ending = threading.Event()


@dataclass(frozen=True, slots=True)
class Result(BaseHTTPResult):
    """An answer: the body as bytes, and its headers."""

    body: bytes = b""
    fields: Message | None = None

    def content(self) -> bytes:
        """Return the body."""
        return self.body

    def headers(self) -> Mapping[str, str]:
        """Return the headers; looking one up disregards case."""
        # Message looks headers up without regard to case, as the interface asks.
        return cast("Mapping[str, str]", self.fields) if self.fields is not None else {}


class _NoRedirect(request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


class Transport(BaseHTTPTransport):
    """Takes the arguments of upstream's transports; proxies come from the environment."""

    def __init__(
        self,
        *,
        verify: bool | str = True,
        cert: str | tuple[str, str] | None = None,
        **_: Any,
    ) -> None:
        self._plain = _director()
        # Reading the system's certificates takes 20 ms: not where the collector speaks plain HTTP.
        self._secure = cache(lambda: _director(request.HTTPSHandler(context=_tls(verify, cert))))

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: dict[str, str] | None = None,
        timeout: float | None = None,
        data: bytes | None = None,
    ) -> Result:
        """Send one request; what goes wrong is returned in the result."""
        director = self._secure() if url.lower().startswith("https:") else self._plain
        wanted = request.Request(url, data, headers or {}, method=method)  # noqa: S310
        try:
            with director.open(wanted, timeout=timeout) as answer:
                return _result(answer.status, answer.reason, answer.read(), answer.headers)
        except error.HTTPError as refusal:
            with refusal:
                return _result(refusal.code, refusal.reason, refusal.read(), refusal.headers)
        except Exception as problem:
            return Result(error=getattr(problem, "reason", None) or problem)

    def close(self) -> None:
        """Nothing is kept open between requests."""

    def is_connection_error(self, exception: Exception | None) -> bool:
        """Say whether the request may not have arrived."""
        return not _ending.is_set() and isinstance(
            exception, (ConnectionError, HTTPException, TimeoutError, socket.gaierror)
        )


def _director(*more: request.BaseHandler) -> request.OpenerDirector:
    # build_opener would add a handler for HTTPS, certificates and all.
    director = request.OpenerDirector()
    for handler in (
        request.ProxyHandler(),
        request.HTTPHandler(),
        request.HTTPDefaultErrorHandler(),
        request.HTTPErrorProcessor(),
        _NoRedirect(),
        *more,
    ):
        director.add_handler(handler)
    return director


def _tls(
    verify: bool | str,  # noqa: FBT001
    cert: str | tuple[str, str] | None,
) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=verify if isinstance(verify, str) else None)
    if verify is False:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if cert is not None:
        context.load_cert_chain(*((cert,) if isinstance(cert, str) else cert))
    return context


def _result(status: int, reason: str, body: bytes, headers: Message) -> Result:
    return Result(status, reason, None, body, headers)


def install() -> None:
    """Put `Transport` in the place of upstream's two; before the exporters are imported."""
    for module, name in (
        ("_requests", "RequestsHTTPTransport"),
        ("_urllib3", "Urllib3HTTPTransport"),
    ):
        package = importlib.import_module(f"opentelemetry.exporter.http.transport.{module}")
        setattr(package, name, Transport)


def give_up_at_exit() -> None:
    """Try once only when the program ends; after the SDK has registered its own last flush."""
    atexit.register(_ending.set)
