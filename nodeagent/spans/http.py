"""Spans of HTTP, by the stable semantic conventions: https://opentelemetry.io/docs/specs/semconv/http/.

What may hold secrets (query, headers, bodies) is not recorded.
"""

from functools import lru_cache

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanKind

from nodeagent.probes.http_server import Ended, ServedRequest
from nodeagent.spans.addresses import split
from nodeagent.spans.span import Where, scope, span

METHODS = frozenset(
    {
        *("CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE"),
    }
)
"""The methods that the conventions know; every other one is `_OTHER`, so that names stay few."""

_SCOPE = scope("net/http")
_OK = 200
_SERVER_ERROR = 500


def server_span(request: ServedRequest, where: Where) -> ReadableSpan:
    """The span of a served request."""
    status = (request.status or _OK) if request.ended is Ended.ANSWERED else 0
    error = _error(request.ended, status)
    route = path_of(request.route)
    method = request.method if request.method in METHODS else ""
    return span(
        *(request.head, where, _SCOPE, _name(method, route)),
        kind=SpanKind.SERVER,
        attributes=_attributes(request, method, route, status, error),
        is_error=bool(error),
    )


@lru_cache(maxsize=4096)
def path_of(pattern: str) -> str:
    """The path of a ServeMux's pattern `[METHOD ][HOST]/[PATH]`."""
    _, slash, path = pattern.partition("/")
    return slash + path


def _name(method: str, route: str) -> str:
    verb = method or "HTTP"
    return f"{verb} {route}" if route else verb


def _error(ended: Ended, status: int) -> str:
    if ended is Ended.ABORTED:
        return "panic"
    return str(status) if status >= _SERVER_ERROR else ""


def _attributes(
    request: ServedRequest, method: str, route: str, status: int, error: str
) -> dict[str, str | int]:
    peer, peer_port = split(request.peer)
    host, port = split(request.host)
    attributes: dict[str, str | int | None] = {
        "http.request.method": method or "_OTHER",
        "http.request.method_original": None if method else request.method,
        "http.response.status_code": status,
        "http.route": route,
        "url.scheme": "https" if request.over_tls else "http",
        "url.path": request.path,
        "server.address": host,
        "server.port": port,
        "client.address": peer,
        "network.peer.address": peer,
        "network.peer.port": peer_port,
        "network.protocol.version": version_of(request.version),
        "error.type": error,
    }
    return {name: value for name, value in attributes.items() if value}


@lru_cache(maxsize=16)
def version_of(version: tuple[int, int]) -> str:
    """`1.1`; HTTP/2 and later have no minor version; of (0, 0) there is none."""
    major, minor = version
    if not major:
        return ""
    return f"{major}.{minor}" if major == 1 else str(major)
