"""Addresses that nothing is followed to."""

from ipaddress import IPv4Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.addresses import literal, refusal

REFUSED = [
    ("127.0.0.1", "loopback"),
    ("127.255.255.254", "loopback"),
    ("::1", "loopback"),
    ("0.0.0.0", "unspecified"),
    ("0.1.2.3", "unspecified"),
    ("::", "unspecified"),
    ("169.254.169.254", "link-local"),
    ("169.254.170.2", "link-local"),
    ("fe80::1", "link-local"),
    ("fe80::1%eth0", "link-local"),
    ("224.0.0.1", "multicast"),
    ("ff02::1", "multicast"),
    ("255.255.255.255", "reserved"),
    ("240.0.0.1", "reserved"),
    ("100.100.100.200", "metadata service"),
    ("168.63.129.16", "metadata service"),
    ("192.0.0.192", "metadata service"),
    ("fd00:ec2::254", "metadata service"),
    ("fd20:ce::254", "metadata service"),
    ("::ffff:169.254.169.254", "link-local"),
    ("::ffff:127.0.0.1", "loopback"),
    ("::127.0.0.1", "loopback"),
    ("64:ff9b::a9fe:a9fe", "link-local"),
    ("2002:7f00:1::", "loopback"),
    ("[::1]", "loopback"),
    ("2130706433", "an unusual spelling"),
    ("127.1", "an unusual spelling"),
    ("127.0.0.01", "an unusual spelling"),
]
ALLOWED = [
    "10.0.0.1",
    "192.168.1.2",
    "172.16.0.1",
    "100.64.0.1",
    "8.8.8.8",
    "registry.corp",
    "fd00::1",
    "2001:4860::1",
]


@pytest.mark.parametrize(("text", "why"), REFUSED, ids=[text for text, _ in REFUSED])
def test_refused(text: str, why: str) -> None:
    """The machine itself, its link and metadata services are refused in every spelling."""
    assert refusal(text) == why


@pytest.mark.parametrize("text", ALLOWED, ids=ALLOWED)
def test_allowed(text: str) -> None:
    """Private networks and the internet are where registries are."""
    assert refusal(text) is None


@given(st.ip_addresses(v=4))
def test_an_embedded_address_is_refused_as_itself(address: IPv4Address) -> None:
    """What a gateway or the kernel would take out of an IPv6 address is judged, too."""
    if (why := refusal(str(address))) is not None:
        assert refusal(f"::ffff:{address}") == why
        assert refusal(str(ip_address((0x64FF9B << 96) + int(address)))) == why


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("[::1]", "::1"),
        ("::1", "::1"),
        ("localhost", None),
        ("2130706433", None),
        ("127.1", None),
        ("", None),
    ],
    ids=["v4", "brackets", "v6", "name", "number", "short", "empty"],
)
def test_literal(host: str, expected: str | None) -> None:
    """Only the usual spellings are addresses; others are names, which are resolved or refused."""
    found = literal(host)

    assert (str(found) if found else None) == expected
