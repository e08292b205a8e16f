"""The exporters' HTTP by the standard library alone.

Upstream's exporters send through requests and urllib3. Those are packages that applications pin, and
importing them before gevent patches the ssl module breaks HTTPS for the application itself.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPException
from typing import Any
from urllib import error, request

from opentelemetry.exporter.http.transport._base import BaseHTTPResult, BaseHTTPTransport


@dataclass(frozen=True, slots=True)
class Result(BaseHTTPResult):
    """An answer: the body as bytes, and its headers."""

    body: bytes = b""
    fields: Mapping[str, str] | None = None

    def content(self) -> bytes:
        return self.body

    def headers(self) -> Mapping[str, str]:
        return self.fields if self.fields is not None else {}


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
        context = ssl.create_default_context(cafile=verify if isinstance(verify, str) else None)
        if verify is False:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if cert is not None:
            context.load_cert_chain(*((cert,) if isinstance(cert, str) else cert))
        self._opener = request.build_opener(_NoRedirect, request.HTTPSHandler(context=context))

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: dict[str, str] | None = None,
        timeout: float | None = None,
        data: bytes | None = None,
    ) -> Result:
        wanted = request.Request(url, data=data, headers=headers or {}, method=method)
        try:
            with self._opener.open(wanted, timeout=timeout) as answer:
                return _result(answer.status, answer.reason, answer.read(), answer.headers)
        except error.HTTPError as refusal:
            with refusal:
                return _result(refusal.code, refusal.reason, refusal.read(), refusal.headers)
        except Exception as problem:  # noqa: BLE001 - the interface hands errors over as values
            return Result(error=getattr(problem, "reason", None) or problem)

    def close(self) -> None:
        self._opener.close()

    def is_connection_error(self, exception: Exception | None) -> bool:
        return isinstance(exception, (ConnectionError, HTTPException, TimeoutError, socket.gaierror))


def _result(status: int, reason: str, body: bytes, headers: Message) -> Result:
    # Message looks headers up without regard to case, as the interface asks.
    return Result(status, reason, None, body, headers)  # type: ignore[arg-type]


def install() -> None:
    """Put `Transport` in the place of upstream's two; before the exporters are imported."""
    from opentelemetry.exporter.http.transport import _requests, _urllib3

    _requests.RequestsHTTPTransport = Transport  # type: ignore[assignment,misc]
    _urllib3.Urllib3HTTPTransport = Transport  # type: ignore[assignment,misc]
