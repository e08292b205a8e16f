"""How registries are reached: what a person decides, as values."""

from collections.abc import Collection
from dataclasses import dataclass, field

from registry.limits import Limits
from registry.proxies import Proxies
from registry.routes import Route

Names = frozenset[str]
"""Hosts, each with or without its port: `localhost:5000`, `registry.corp`, `[::1]:5000`."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The defaults: TLS everywhere, the system's authorities, no proxy, no mirror."""

    plain_http: Names = frozenset()
    """Asked without TLS. Whoever is on the way can answer in their place."""
    unverified: Names = frozenset()
    """Asked with TLS, whatever certificate they show."""
    local: Names = frozenset()
    """Asked also at loopback, link-local and metadata addresses."""
    authorities: str = ""
    """Certificates (PEM) that are trusted beside the system's."""
    routes: tuple[Route, ...] = ()
    proxies: Proxies = field(default_factory=Proxies)
    limits: Limits = field(default_factory=Limits)
    user_agent: str = "oci-registry-client"


def named(names: Collection[str], host: str, port: int) -> bool:
    """Whether a host is among the names, with this port or with none."""
    host = host.lower().rstrip(".")
    if ":" in host and not host.startswith("["):
        host = f"[{host}]"
    return host in names or f"{host}:{port}" in names
