"""What the HTTP client raises, as the fault that it is."""

from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError

from registry.errors import (
    Malformed,
    RegistryError,
    Unreachable,
    Untrusted,
    shown,
)

# The first that fits counts: most are subclasses of those below them.
_FAULTS: tuple[tuple[type[BaseException], type[RegistryError], str], ...] = (
    (aiohttp.ClientConnectorCertificateError, Untrusted, "shows a certificate that is not trusted"),
    (aiohttp.ClientSSLError, Unreachable, "fails the TLS handshake"),
    (aiohttp.ClientConnectorDNSError, Unreachable, "has a name that does not resolve"),
    (aiohttp.ClientProxyConnectionError, Unreachable, "is behind a proxy that does not answer"),
    (aiohttp.ClientHttpProxyError, Unreachable, "is behind a proxy that does not let us through"),
    (aiohttp.ClientConnectorError, Unreachable, "cannot be connected to"),
    (aiohttp.ClientPayloadError, Unreachable, "broke off in the middle of its answer"),
    (aiohttp.ServerDisconnectedError, Unreachable, "closed the connection without an answer"),
    (aiohttp.ClientOSError, Unreachable, "broke off"),
    (aiohttp.InvalidURL, Malformed, "has an address that is none"),
    (aiohttp.ClientError, Malformed, "does not speak HTTP as it should"),
    (HttpProcessingError, Malformed, "does not speak HTTP as it should"),
    (OSError, Unreachable, "cannot be reached"),
    (ValueError, Malformed, "does not speak HTTP as it should"),
)
_CAUGHT = tuple(kind for kind, _, _ in _FAULTS)


@contextmanager
def translated(host: str) -> Iterator[None]:
    """Raises a RegistryError for what the HTTP client raises in the block, about that host."""
    try:
        yield
    except _CAUGHT as error:
        raise _fault(error, host) from error


def _fault(error: BaseException, host: str) -> RegistryError:
    family, what = next((found, text) for kind, found, text in _FAULTS if isinstance(error, kind))
    return family(f"{shown(host)} {what} ({_detail(error)})")


def _detail(error: BaseException) -> str:
    """The class, and the system's word where it has one; texts may quote what came in."""
    name = type(error).__name__
    reason = getattr(error, "strerror", None)
    return f"{name}: {shown(reason)}" if isinstance(reason, str) else name
