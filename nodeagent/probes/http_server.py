"""Requests that net/http serves, over HTTP/1.1 and HTTP/2.

Two probes a request, on instructions that the kernel emulates. See http_server.bpf.c.
"""

from enum import IntEnum
from struct import Struct
from typing import NamedTuple

from nodeagent.probes import http_routes
from nodeagent.probes.http_request import FIELDS, READ, REQUEST
from nodeagent.probes.http_routes import Router, whole
from nodeagent.probes.probe import Field, Hook, Probe
from nodeagent.probes.record import Head, Record

# struct http_server: status, major, minor, over_tls, ended, and what only the programs ask for.
_FACTS = Struct("=I4BxB2x")


class Ended(IntEnum):
    """How a request ended; only that of an answer has a status."""

    ANSWERED = 0
    HIJACKED = 1
    """The handler took the connection over, as for a web socket."""
    ABORTED = 2
    """The handler panicked."""


class ServedRequest(NamedTuple):
    """A request that has ended.

    `status` is 0 where the handler left it to the server: then it was 200.
    """

    head: Head
    status: int
    ended: Ended
    over_tls: bool
    version: tuple[int, int]
    method: str
    path: str
    host: str
    peer: str
    route: str


_ENDS = tuple(Ended)
_ROUTERS = tuple(Router)


def read(record: Record) -> ServedRequest:
    """The request that a record tells of. Raises struct.error when it is shorter than any."""
    status, major, minor, over_tls, ended, router = _FACTS.unpack_from(record.facts)
    method, path, host, peer, route, _ = record.texts
    if not path:  # the two as they stood in the request's line
        method, _, path = method.partition(" ")
    return ServedRequest(
        *(record.head, status, _ENDS[ended], bool(over_tls), (major, minor)),
        *(method, path, host, peer, whole(_ROUTERS[router], route)),
    )


def _writers(name: str) -> tuple[str, ...]:
    """A type of HTTP/2's, which is bundled with net/http and since Go 1.27 a package of its own."""
    return (f"net/http.http2{name}", f"net/http/internal/http2.{name}")


def _of_streams(name: str) -> tuple[str, ...]:
    """The same type in the package on its own, which a binary may have beside the other."""
    return (f"golang.org/x/net/http2.{name}",)


# Go numbered what it wraps to defer it among the other functions within, until 1.21.
_DEFERRED = tuple(
    f"{connection}.runHandler.{name}"
    for connection in (
        "net/http.(*http2serverConn)",
        "net/http/internal/http2.(*serverConn)",
        "golang.org/x/net/http2.(*serverConn)",
    )
    for name in ("deferwrap1", "func2")
)

HTTP_SERVER = Probe(
    name="net/http server",
    source="http_server.bpf.c",
    hooks=(
        Hook(("net/http.serverHandler.ServeHTTP",), "http_server_start"),
        Hook(("net/http.(*response).finishRequest",), "http_server_end"),
        Hook(
            (
                "net/http.(*http2responseWriter).handlerDone",
                "net/http/internal/http2.(*responseWriter).handlerDone",
            ),
            "http_server_end_http2",
            required=False,
        ),
        Hook(
            ("golang.org/x/net/http2.(*serverConn).runHandler",),
            "http_server_start_stream",
            required=False,
        ),
        Hook(
            ("golang.org/x/net/http2.(*responseWriter).handlerDone",),
            "http_server_end_stream",
            required=False,
        ),
        Hook(("net/http.(*conn).hijackLocked",), "http_server_hijacked", required=False),
        Hook(("net/http.(*conn).close", *_DEFERRED), "http_server_aborted", required=False),
        *http_routes.HOOKS,
    ),
    fields=(
        *FIELDS,
        *http_routes.FIELDS,
        Field("request_major", REQUEST, "ProtoMajor", before=READ),
        Field("request_minor", REQUEST, "ProtoMinor", before=READ),
        Field("request_host", REQUEST, "Host", before=READ),
        Field("request_remote", REQUEST, "RemoteAddr", before=READ),
        Field("request_tls", REQUEST, "TLS", before=READ),
        # ServeMux has patterns since Go 1.22; there they are behind a pointer.
        Field("request_pattern", REQUEST, "Pattern", required=False),
        Field("request_pat", REQUEST, "pat", required=False),
        Field("pattern_text", ("net/http.pattern",), "str", required=False),
        Field("response_status", ("net/http.response",), "status"),
        Field("http2_state", _writers("responseWriter"), "rws", required=False),
        Field("http2_status", _writers("responseWriterState"), "status", required=False),
        Field("stream_state", _of_streams("responseWriter"), "rws", required=False),
        Field("stream_status", _of_streams("responseWriterState"), "status", required=False),
    ),
    facts=_FACTS,
    parts=("http_routes.bpf.h",),
    read=read,
    headers="net/http.Header",
)
