import pytest

from nodeagent.spans.addresses import split


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        pytest.param("10.0.0.1:8080", "10.0.0.1", 8080, id="ipv4"),
        pytest.param("shop.example:80", "shop.example", 80, id="name"),
        pytest.param("shop.example", "shop.example", None, id="no-port"),
        pytest.param("[2001:db8::1]:443", "2001:db8::1", 443, id="ipv6"),
        pytest.param("[2001:db8::1]", "2001:db8::1", None, id="ipv6-no-port"),
        pytest.param("[fe80::1%eth0]:443", "fe80::1%eth0", 443, id="ipv6-zone"),
        pytest.param("2001:db8::1", "2001:db8::1", None, id="ipv6-alone"),
        pytest.param("shop:", "shop", None, id="empty-port"),
        pytest.param("shop:http", "shop", None, id="named-port"),
        pytest.param("shop:0", "shop", None, id="port-0"),
        pytest.param("shop:65536", "shop", None, id="port-too-large"),
        pytest.param("shop:٣", "shop", None, id="other-digits"),
        pytest.param("", "", None, id="empty"),
        pytest.param("@", "@", None, id="unix-socket"),
    ],
)
def test_host_and_port_are_told_apart(text: str, host: str, port: int | None) -> None:
    """Every way that Go writes an address."""
    assert split(text) == (host, port)
