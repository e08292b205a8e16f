"""Hosts and ports out of the texts that Go has for them."""

from functools import lru_cache

_MOST = 65535


@lru_cache(maxsize=4096)
def split(text: str) -> tuple[str, int | None]:
    """Host and port of `host`, `host:port`, `[2001:db8::1]:port` or an IPv6 address alone."""
    if text.startswith("["):
        host, _, rest = text[1:].partition("]")
        return host, _port(rest.removeprefix(":"))
    host, colon, port = text.rpartition(":")
    if not colon or ":" in host:
        return text, None
    return host, _port(port)


def _port(text: str) -> int | None:
    if not text.isascii() or not text.isdigit():
        return None
    number = int(text)
    return number if 0 < number <= _MOST else None
