"""How much a registry may send, and how much we ask of it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes, times in seconds."""

    manifest_bytes: int = 4 << 20
    """OCI distribution lets registries refuse manifests over 4 MiB, so that nobody has larger."""
    config_bytes: int = 8 << 20
    token_bytes: int = 64 << 10
    error_bytes: int = 16 << 10
    """Of the body of an error only this much is read; a longer one costs its connection."""
    json_values: int = 200_000
    """Values in one document: `[[],[],…]` takes thirty times its size once it is parsed."""
    index_depth: int = 2
    """An index may hold an index, and no more."""
    platforms: int = 24
    """Images read for one reference when all platforms are asked for."""
    redirects: int = 5
    lookups_per_host: int = 8
    streams_per_host: int = 2
    """Layers have their own turn: a look-up never waits for a stream."""
    failures: int = 5
    """After so many in a row a host is left alone, first for `open_seconds`, then for longer."""
    open_seconds: float = 5.0
    longest_open_seconds: float = 300.0
    reserve: int = 20
    """Pulls that are left to others: Docker Hub counts the nodes' and ours together. Reads in the
    background leave half of all, if that is more."""
    stale_seconds: float = 60.0
    """After this time the last known number of remaining pulls is asked for again (with HEAD)."""
    longest_retry_after: float = 3600.0


@dataclass(frozen=True, slots=True)
class Budget:
    """What reading one layer may cost. Sizes in bytes, time in seconds from the first request."""

    compressed: int = 64 << 20
    uncompressed: int = 512 << 20
    entries: int = 200_000
    seconds: float = 30.0
    ratio: int = 200
    """Uncompressed bytes for each compressed one, over the whole layer; gzip reaches 1,032."""
