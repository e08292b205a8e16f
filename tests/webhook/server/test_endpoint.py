import socket
from contextlib import closing
from pathlib import Path

import pytest

from demo.ports import free_ports
from tests.webhook.server.serving import serving
from webhook.server.endpoint import ANYWHERE, Endpoint


def _without_ipv6() -> bool:
    try:
        with closing(socket.socket(socket.AF_INET6)) as one:
            one.bind(("::1", 0))
    except OSError:
        return True
    return False


IPV6 = pytest.mark.skipif(_without_ipv6(), reason="needs IPv6 on loopback")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", ANYWHERE])
def test_an_address_of_nobody_is_no_name(host: str) -> None:
    """A certificate names addresses that can be called, and so does the URL."""
    endpoint = Endpoint(host, names=("webhook.example.com",))

    assert endpoint.subjects == ("localhost", "127.0.0.1", "::1", "webhook.example.com")
    assert endpoint.url(8443) == "https://localhost:8443/mutate"


@pytest.mark.parametrize("address", ["127.0.0.1", pytest.param("::1", marks=IPV6)])
def test_anywhere(tmp_path: Path, address: str) -> None:
    """Clusters of IPv4, of IPv6 and of both reach a server that listens everywhere."""
    (port,) = free_ports(1)

    with (
        serving(tmp_path, host=ANYWHERE, port=port) as server,
        server.client(address) as client,
    ):
        assert client.get("/healthz").status == 200
