"""Spans of gRPC, by the stable conventions: https://opentelemetry.io/docs/specs/semconv/rpc/grpc/.

What may hold secrets (metadata, messages, the text of a status, what a target says beside the
server) is not recorded.
"""

import re
from functools import lru_cache
from ipaddress import ip_address

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanKind

from nodeagent.probes.grpc_client import MadeCall
from nodeagent.probes.grpc_server import ServedCall
from nodeagent.spans.addresses import split
from nodeagent.spans.span import Where, span

SCHEMA = "https://opentelemetry.io/schemas/1.45.0"
"""The first whose conventions for calls are stable."""

CODES = (
    *("OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND"),
    *("ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION"),
    *("ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS"),
    "UNAUTHENTICATED",
)
"""Statuses by their number, https://grpc.io/docs/guides/status-codes/."""

_SYSTEM = "grpc"
_OTHER = "_OTHER"
_SCOPE = InstrumentationScope("spanhook.dev/google.golang.org/grpc", schema_url=SCHEMA)
_UNIMPLEMENTED = "UNIMPLEMENTED"
# Whose fault it is: the other ones are the caller's.
_SERVER_ERRORS = frozenset(
    {"UNKNOWN", "DEADLINE_EXCEEDED", _UNIMPLEMENTED, "INTERNAL", "UNAVAILABLE", "DATA_LOSS"}
)


_PATHS = frozenset({"unix", "unix-abstract"})
_SCHEMES = _PATHS | {"dns", "ipv4", "ipv6", "passthrough", "xds"}
_KEPT = 127  # bytes of a target, in grpc_client.bpf.c
_QUERY = re.compile(r"[?#]")
_PATH = re.compile(r"[\w./+~-]+")
_HOST = re.compile(
    r"""\w[\w.-]* (?: / \w[\w.-]* )*  # of a name, or of a service: etcd:///shop/stock
    | [\da-fA-F:.]* : [\da-fA-F:.]* (?: % [\w.-]+ )?""",
    re.VERBOSE,
)


def client_span(call: MadeCall, where: Where) -> ReadableSpan:
    """The span of an attempt to make a call."""
    status = code(call.status)
    error = status if call.status else ""
    peer = address(call.peer)
    host, port = server(call.target)
    method = call.method.removeprefix("/")
    attributes: dict[str, str | int | None] = {
        "rpc.system.name": _SYSTEM,
        "rpc.method": method,
        "rpc.response.status_code": status,
        "server.address": host or peer,
        "server.port": port if host else call.port,
        "network.peer.address": peer,
        "network.peer.port": call.port,
        "error.type": error,
    }
    return span(
        *(call.head, where, _SCOPE, method),
        kind=SpanKind.CLIENT,
        attributes={name: value for name, value in attributes.items() if value},
        is_error=bool(error),
    )


def server_span(call: ServedCall, where: Where) -> ReadableSpan:
    """The span of a served call.

    A method that the server does not have is `_OTHER`: whoever calls could make up any number.
    """
    status = code(call.status)
    error = status if status in _SERVER_ERRORS else ""
    method = call.method.removeprefix("/")
    unknown = status == _UNIMPLEMENTED
    peer = address(call.peer)
    attributes: dict[str, str | int | None] = {
        "rpc.system.name": _SYSTEM,
        "rpc.method": _OTHER if unknown else method,
        "rpc.method_original": method if unknown else None,
        "rpc.response.status_code": status,
        "client.address": peer,
        "network.peer.address": peer,
        "network.peer.port": call.port,
        "error.type": error,
    }
    return span(
        *(call.head, where, _SCOPE, _SYSTEM if unknown else method),
        kind=SpanKind.SERVER,
        attributes={name: value for name, value in attributes.items() if value},
        is_error=bool(error),
    )


def code(number: int) -> str:
    """The name of a status; the number of one that has no name."""
    return CODES[number] if number < len(CODES) else str(number)


@lru_cache(maxsize=4096)
def address(digits: str) -> str:
    """An IP address of 4 or 16 bytes as text, one of IPv4 within IPv6 as such; empty if none."""
    if len(digits) not in {8, 32}:
        return ""
    found = ip_address(bytes.fromhex(digits))
    return str(getattr(found, "ipv4_mapped", None) or found)


@lru_cache(maxsize=4096)
def server(target: str) -> tuple[str, int | None]:
    """Host and port, or path, of a target `[SCHEME:[//AUTHORITY/]]ENDPOINT`; empty if none is sure.

    https://github.com/grpc/grpc/blob/master/doc/naming.md; several addresses are a name together.
    Resolvers of programs take passwords and tokens in it, too, as any URL does.
    """
    scheme, endpoint = _endpoint(target)
    if scheme in _PATHS:
        return endpoint if _PATH.fullmatch(endpoint) else "", None
    found = [split(one) for one in endpoint.split(",")]
    if not all(_HOST.fullmatch(host) for host, _ in found):
        return "", None
    return found[0] if len(found) == 1 else (",".join(_joined(*one) for one in found), None)


def _endpoint(target: str) -> tuple[str, str]:
    """Scheme and endpoint, without who calls and what is asked for."""
    text = _QUERY.split(target, maxsplit=1)[0]
    is_cut = len(target.encode()) >= _KEPT
    if is_cut or "@" in target[len(text) :]:  # it may be a password, or the mark one in it
        return "", ""
    scheme, _, rest = text.partition(":")
    if rest.startswith("//"):
        _, slash, endpoint = rest[2:].partition("/")
        endpoint = slash + endpoint if scheme == "unix" else endpoint
    else:
        endpoint = rest if scheme in _SCHEMES else text
    return scheme, endpoint.rpartition("@")[2]


def _joined(host: str, port: int | None) -> str:
    if port is None:
        return host
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
