"""Authorities and leaves for tests, each made once: keys take time."""

from datetime import UTC, datetime, timedelta
from functools import cache

from certs.authority import Authority, Leaf

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
NAMES = ("spanhook-webhook.spanhook-system.svc", "localhost")

_authorities: dict[tuple[str, int], Authority] = {}


def authority(name: str, age: int = 0) -> Authority:
    """The authority of that name, made `age` days ago."""
    key = (name, age)
    if key not in _authorities:
        _authorities[key] = Authority.create(NOW - timedelta(days=age), name=name)
    return _authorities[key]


@cache
def leaf(name: str, age: int = 0, names: tuple[str, ...] = NAMES, authority_age: int = 0) -> Leaf:
    """A leaf of the authority, made `age` days ago."""
    return authority(name, authority_age).issue(names, NOW - timedelta(days=age))
