"""Where and how to serve, with a cluster or without."""

from dataclasses import dataclass, field
from ipaddress import ip_address

from webhook.server.app import MUTATE
from webhook.server.limits import Limits
from webhook.server.logs import Format, Level

LOOPBACK = "127.0.0.1"
ANYWHERE = ""
"""All addresses of the machine, of IPv4 and of IPv6, whichever of them it has."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The address to listen on. `names`: what clients may call it beside localhost and `host`."""

    host: str = LOOPBACK
    port: int = 8443
    names: tuple[str, ...] = ()
    log_format: Format = "auto"
    log_level: Level = "info"
    limits: Limits = field(default_factory=Limits)

    @property
    def subjects(self) -> tuple[str, ...]:
        """All names and addresses for a certificate of our own."""
        names = ["localhost", LOOPBACK, "::1", *self.names]
        if not self._is_wildcard:
            names.append(self.host)
        return tuple(dict.fromkeys(names))

    def url(self, port: int) -> str:
        """Where reviews go, for a person on this machine."""
        host = "localhost" if self._is_wildcard else self.host
        address = f"[{host}]" if ":" in host else host
        return f"https://{address}:{port}{MUTATE}"

    @property
    def _is_wildcard(self) -> bool:
        try:
            return self.host == ANYWHERE or ip_address(self.host).is_unspecified
        except ValueError:
            return False
