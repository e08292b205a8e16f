"""Which proxy a request takes: HTTPS_PROXY, HTTP_PROXY and NO_PROXY as Go's programs read them.

containerd and the kubelet are such programs, so that one setting means the same to all of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from urllib.parse import urlsplit

from registry.addresses import literal


@dataclass(frozen=True, slots=True)
class Proxies:
    """Proxies' URLs, "" for none, and the hosts that are reached without.

    Raises ValueError for what is no URL of http or https.
    """

    https: str = field(default="", repr=False)  # it may hold a password
    http: str = field(default="", repr=False)
    exceptions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for url in filter(None, (self.https, self.http)):
            if not url.startswith(("http://", "https://")) or not _address(url)[0]:
                raise ValueError("a proxy's address is no URL of http or https")

    def proxy(self, scheme: str, host: str, port: int) -> str | None:
        """The proxy for requests to a host; None where it is asked directly."""
        found = self.https if scheme == "https" else self.http
        if not found or _is_this_machine(host):
            return None
        if any(_excepts(entry, host.lower().rstrip("."), port) for entry in self.exceptions):
            return None
        return found

    def includes(self, host: str, port: int) -> bool:
        """Whether one of the proxies is at that host and port."""
        return (host.lower(), port) in {_address(url) for url in (self.https, self.http) if url}


def from_environment(environment: Mapping[str, str]) -> Proxies:
    """The proxies that a process's environment names; upper case before lower case."""

    def value(name: str) -> str:
        return (environment.get(name) or environment.get(name.lower()) or "").strip()

    exceptions = (entry.strip() for entry in value("NO_PROXY").split(","))
    return Proxies(
        _url(value("HTTPS_PROXY")),
        _url(value("HTTP_PROXY")),
        tuple(entry for entry in exceptions if entry),
    )


def _address(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def _url(text: str) -> str:
    return text if not text or "://" in text else f"http://{text}"


def _is_this_machine(host: str) -> bool:
    address = literal(host)
    return host == "localhost" if address is None else address.is_loopback


def _excepts(entry: str, host: str, port: int) -> bool:
    """Whether an entry of NO_PROXY names the host.

    | entry            | names                                  |
    |------------------|----------------------------------------|
    | `*`              | every host                             |
    | `10.0.0.0/8`     | addresses in the network               |
    | `corp`           | the host `corp` and every one below it |
    | `.corp` `*.corp` | hosts below `corp` only                |
    | `…:5000`         | the same, on that port only            |
    """
    entry = entry.strip().lower()
    if entry == "*":
        return True
    address = literal(host)
    if address is not None and "/" in entry:
        return _in_network(entry, host)
    name, its_port = _split(entry)
    if its_port not in {"", str(port)}:
        return False
    if address is not None or literal(name) is not None:
        return literal(name) == address
    below = name.removeprefix("*")
    if below.startswith("."):
        return host.endswith(below)
    return bool(name) and (host == name or host.endswith(f".{name}"))


def _split(entry: str) -> tuple[str, str]:
    """Name and port; the colons of an IPv6 address without brackets are none of a port."""
    if literal(entry) is not None:
        return entry, ""
    head, colon, tail = entry.rpartition(":")
    return (head, tail) if colon and tail.isdecimal() else (entry, "")


def _in_network(entry: str, host: str) -> bool:
    address = literal(host)
    try:
        return address is not None and address in ip_network(entry, strict=False)
    except ValueError:
        return False
