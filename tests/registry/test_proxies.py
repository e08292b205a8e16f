"""Which proxy a request takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.proxies import Proxies, from_environment

PROXY = "http://proxy.corp:3128"

EXCEPTIONS = [
    ("", "r.corp", False),
    ("*", "r.corp", True),
    ("r.corp", "r.corp", True),
    ("corp", "r.corp", True),
    ("orp", "r.corp", False),
    (".corp", "r.corp", True),
    (".corp", "corp", False),
    ("*.corp", "r.corp", True),
    ("R.Corp", "r.corp", True),
    ("r.corp", "R.CORP.", True),
    ("r.corp:443", "r.corp", True),
    ("r.corp:5000", "r.corp", False),
    ("10.0.0.0/8", "10.1.2.3", True),
    ("10.0.0.0/8", "11.1.2.3", False),
    ("10.0.0.0/8", "r.corp", False),
    ("10.0.0.0/x", "10.1.2.3", False),
    ("10.1.2.3", "10.1.2.3", True),
    ("10.1.2.3:443", "10.1.2.3", True),
    ("fd00::/8", "fd00::1", True),
    ("fd00::1", "fd00::1", True),
    ("[fd00::1]:443", "fd00::1", True),
    ("10.1.2.3", "0.10.1.2.3", False),
    ("", "localhost", True),
    ("", "127.0.0.1", True),
    ("", "::1", True),
]


@pytest.mark.parametrize(
    ("exceptions", "host", "direct"),
    EXCEPTIONS,
    ids=[f"{exceptions or '-'} {host}" for exceptions, host, _ in EXCEPTIONS],
)
def test_exceptions(exceptions: str, host: str, direct: bool) -> None:
    """NO_PROXY means what it means to containerd; this machine is never behind a proxy."""
    proxies = from_environment({"HTTPS_PROXY": PROXY, "NO_PROXY": exceptions})

    assert proxies.proxy("https", host, 443) == (None if direct else PROXY)


def test_environment() -> None:
    """Upper case wins, a bare host is a URL of http, entries are trimmed."""
    environment = {
        "HTTPS_PROXY": "proxy.corp:3128",
        "https_proxy": "http://other.corp:3128",
        "http_proxy": "https://user:word@plain.corp:8443",
        "NO_PROXY": " a.corp, ,b.corp ",
    }

    assert from_environment(environment) == Proxies(
        "http://proxy.corp:3128", "https://user:word@plain.corp:8443", ("a.corp", "b.corp")
    )
    assert from_environment({}) == Proxies()


def test_each_scheme_has_its_own() -> None:
    """A proxy for one scheme is none for the other."""
    proxies = Proxies(https=PROXY)

    assert proxies.proxy("https", "r.corp", 443) == PROXY
    assert proxies.proxy("http", "r.corp", 80) is None


def test_includes() -> None:
    """A proxy's own address is known by host and port."""
    proxies = Proxies(https="http://127.0.0.1:3128", http="https://proxy.corp")

    assert proxies.includes("127.0.0.1", 3128)
    assert proxies.includes("Proxy.Corp", 443)
    assert not proxies.includes("127.0.0.1", 5000)


@pytest.mark.parametrize("url", ["socks5://proxy.corp", "http://", "http:proxy"])
def test_refused(url: str) -> None:
    """Only proxies of http and https are spoken to; the error does not show a password."""
    with pytest.raises(ValueError, match="no URL of http or https"):
        Proxies(https=url)


def test_passwords_are_not_shown() -> None:
    """A proxy's password is in no representation."""
    assert "hunter2" not in repr(Proxies(https="http://user:hunter2@proxy.corp"))


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_exceptions_are_survived(exceptions: str, host: str) -> None:
    """Whatever people write into NO_PROXY, there is an answer."""
    proxies = Proxies(https=PROXY, exceptions=tuple(exceptions.split(",")))

    assert proxies.proxy("https", host, 443) in {None, PROXY}
