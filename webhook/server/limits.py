"""How much callers may ask of the server: nothing tells the API server from a stranger."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes, times in seconds."""

    body_bytes: int = 8 << 20
    """The API server takes requests up to 3 MiB, and a review may hold the object twice."""
    held_bytes: int = 128 << 20
    """What all bodies that come in pieces may take together while they arrive."""
    head_bytes: int = 64 << 10
    handshake_seconds: float = 5.0
    goodbye_seconds: float = 2.0
    """From our end of a connection to the peer's; after that it is cut."""
    head_seconds: float = 5.0
    """From the first byte of a request (or from the handshake) until its head is complete."""
    body_seconds: float = 10.0
    """From the head until the answer is sent."""
    reviews: int = 256
    """Reviews in progress at a time; an API server has 200 mutating requests in flight at most,
    unless it was told otherwise."""
    waiting: int = 128
    """Reviews that wait for a registry at a time."""
    waiting_bytes: int = 32 << 20
    """What the bodies of those may have had together: what was read of them stays."""
    connections: int = 1024
    keep_alive_seconds: int = 120
    """Longer than the 90 s after which the API server drops an idle connection: when we close
    first, a call that is just on its way fails."""
    connection_requests: int = 5_000
    """A connection is closed after about this many requests, or `connection_seconds`: the API
    server keeps using the connections that it has, and a new replica would get nothing."""
    connection_seconds: float = 300.0
    linger_seconds: float = 1.0
    """While stopping: how long idle connections stay open for calls that are on their way."""
    stop_seconds: int = 15
    """While stopping: how long to wait for answers in progress."""
