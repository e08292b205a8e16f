"""Spans of requests that are sent, as `http` makes them of those that are served.

Of an address neither userinfo nor query is recorded: both may hold secrets.
"""

from urllib.parse import quote

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanKind

from nodeagent.probes.http_client import SentRequest
from nodeagent.spans.addresses import split
from nodeagent.spans.http import METHODS, version_of
from nodeagent.spans.span import Where, scope, span

_SCOPE = scope("net/http")
_ERROR = 400
_PORTS = {"http": 80, "https": 443}
_UNRESERVED = "/:@!$&'()*+,;=-._~"  # in a path, https://www.rfc-editor.org/rfc/rfc3986#section-3.3


def client_span(request: SentRequest, where: Where) -> ReadableSpan:
    """The span of a request that was sent, to where its answer's head was there."""
    sent = request.method or "GET"
    method = sent if sent in METHODS else ""
    error = _error(request)
    return span(
        *(request.head, where, _SCOPE, method or "HTTP"),
        kind=SpanKind.CLIENT,
        attributes=_attributes(request, method, error),
        is_error=bool(error),
    )


def _error(request: SentRequest) -> str:
    if not request.status:
        return request.error or "_OTHER"
    return str(request.status) if request.status >= _ERROR else ""


def _attributes(request: SentRequest, method: str, error: str) -> dict[str, str | int]:
    host, port = split(request.host)
    attributes: dict[str, str | int | None] = {
        "http.request.method": method or "_OTHER",
        "http.request.method_original": None if method else request.method,
        "http.request.resend_count": request.resent,
        "http.response.status_code": request.status,
        "url.full": _address(request),
        "server.address": host,
        "server.port": port or _PORTS.get(request.scheme),
        "network.protocol.version": version_of(request.version),
        "error.type": error,
    }
    return {name: value for name, value in attributes.items() if value}


def _address(request: SentRequest) -> str:
    path = quote(request.path, safe=_UNRESERVED + "%" if request.escaped else _UNRESERVED)
    return f"{request.scheme}://{request.host}{path or '/'}"
