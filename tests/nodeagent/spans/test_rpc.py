from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanKind, StatusCode

from nodeagent.spans.rpc import CODES, SCHEMA, address, client_span, code, server, server_span
from nodeagent.spans.span import Where
from tests.nodeagent.spans.calls import MADE, SERVED
from tests.nodeagent.spans.requests import HEAD

_WHERE = Where(Resource({"service.name": "shop"}), 1_000_000)


def _served(**changes: Any) -> ReadableSpan:
    return server_span(SERVED._replace(**changes), _WHERE)


def _made(**changes: Any) -> ReadableSpan:
    return client_span(MADE._replace(**changes), _WHERE)


def test_a_served_call_is_a_server_span() -> None:
    """Name, kind, times, ids, scope and attributes, as the conventions have them."""
    span = _served(head=HEAD._replace(parent_id=7, remote=True))

    assert (span.name, span.kind) == ("shop.Stock/Get", SpanKind.SERVER)
    assert (span.start_time, span.end_time) == (1_001_000, 1_003_500)
    assert span.parent is not None
    assert (span.parent.span_id, span.parent.is_remote) == (7, True)
    assert span.instrumentation_scope is not None
    assert span.instrumentation_scope.schema_url == SCHEMA
    assert dict(span.attributes or {}) == {
        "rpc.system.name": "grpc",
        "rpc.method": "shop.Stock/Get",
        "rpc.response.status_code": "OK",
        "client.address": "10.0.0.9",
        "network.peer.address": "10.0.0.9",
        "network.peer.port": 50000,
    }


def test_a_made_call_is_a_client_span() -> None:
    """The server is what the program named, the peer who was chosen of it."""
    span = _made()

    assert (span.name, span.kind) == ("shop.Stock/Get", SpanKind.CLIENT)
    assert dict(span.attributes or {}) == {
        "rpc.system.name": "grpc",
        "rpc.method": "shop.Stock/Get",
        "rpc.response.status_code": "OK",
        "server.address": "stock.shop",
        "server.port": 8080,
        "network.peer.address": "10.0.0.7",
        "network.peer.port": 8080,
    }


@pytest.mark.parametrize("number", range(len(CODES)))
def test_whose_fault_a_status_is_decides_about_errors(number: int) -> None:
    """To who called, every status but OK is an error; to who served, only its own faults."""
    faults = {2, 4, 12, 13, 14, 15}
    for span, is_error in (
        (_made(status=number), number > 0),
        (_served(status=number), number in faults),
    ):
        attributes = span.attributes or {}
        assert attributes["rpc.response.status_code"] == CODES[number]
        assert span.status.status_code is (StatusCode.ERROR if is_error else StatusCode.UNSET)
        assert attributes.get("error.type") == (CODES[number] if is_error else None)


def test_a_status_without_a_name_is_its_number() -> None:
    """Programs may make up statuses."""
    assert code(16) == "UNAUTHENTICATED"
    assert code(77) == "77"


def test_methods_that_a_server_does_not_have_stay_one() -> None:
    """Whoever calls could make up names without end; the name is kept beside."""
    span = _served(status=12, method="/shop.Stock/Nothing")
    attributes = span.attributes or {}

    assert span.name == "grpc"
    assert attributes["rpc.method"] == "_OTHER"
    assert attributes["rpc.method_original"] == "shop.Stock/Nothing"


def test_who_was_called_is_the_peer_where_nothing_else_is_known() -> None:
    """A target that could not be read, and a call that found nobody."""
    attributes = _made(target="").attributes or {}
    nobody = _made(peer="", port=0, status=14).attributes or {}

    assert (attributes["server.address"], attributes["server.port"]) == ("10.0.0.7", 8080)
    assert not [name for name in nobody if name.startswith("network.")]
    assert nobody["server.address"] == "stock.shop"


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("stock:80", ("stock", 80)),
        ("stock", ("stock", None)),
        ("dns:stock:80", ("stock", 80)),
        ("dns:///stock.shop", ("stock.shop", None)),
        ("dns://10.0.0.1:53/stock.shop:80", ("stock.shop", 80)),
        ("passthrough:///127.0.0.1:80", ("127.0.0.1", 80)),
        ("passthrough:///[::1]:80", ("::1", 80)),
        ("[2001:db8::1]:80", ("2001:db8::1", 80)),
        ("ipv4:10.0.0.1:80,10.0.0.2:80", ("10.0.0.1:80,10.0.0.2:80", None)),
        ("unix:///run/stock.sock", ("/run/stock.sock", None)),
        ("unix:run/stock.sock", ("run/stock.sock", None)),
        ("xds:///stock", ("stock", None)),
        ("shop:///stock", ("stock", None)),
        ("etcd:///shop/stock", ("shop/stock", None)),
        ("ipv6:[::1]:80,[::2]:80", ("[::1]:80,[::2]:80", None)),
        ("dns:///[fe80::1%eth0]:80", ("fe80::1%eth0", 80)),
        (":80", ("", None)),
        ("", ("", None)),
    ],
)
def test_targets_are_hosts_and_ports(target: str, expected: tuple[str, int | None]) -> None:
    """With any scheme, or without one."""
    assert server(target) == expected


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("consul://me:pw@127.0.0.1:8500/stock?wait=14s&token=hunter2", ("stock", None)),
        ("dns://8.8.8.8/me:hunter2@stock:80", ("stock", 80)),
        ("me:hunter2@stock:80", ("stock", 80)),
        ("etcd:///stock#hunter2", ("stock", None)),
        ("unix:///run/stock.sock?token=hunter2", ("/run/stock.sock", None)),
        ("ipv4:me:hunter2@10.0.0.1:80,10.0.0.2:80", ("10.0.0.1:80,10.0.0.2:80", None)),
        ("stock:hunter2", ("stock", None)),
        ("stock:80,stock:hunter2", ("stock:80,stock", None)),
        ("dns:me:1?hunter2@stock:80", ("", None)),
        ("dns:///me%3Ahunter2%40stock:80", ("", None)),
        ("etcd:///stock;token=hunter2", ("", None)),
        ("unix:/run/token=hunter2", ("", None)),
        ("me:hunter2:80", ("", None)),
        (f"dns:///hunter2.{'a' * 200}@stock:80"[:127], ("", None)),
    ],
)
def test_what_a_target_says_beside_the_server_goes(
    target: str, expected: tuple[str, int | None]
) -> None:
    """Users, passwords, and what a resolver is asked; nothing is left of what could be any."""
    assert server(target) == expected


_SECRETS = st.text(alphabet="hunter:/?#@,%&;=[]. 2", max_size=20).map(lambda text: f"hunter{text}")
_STARTS = ("", "dns:", "dns:///", "dns://10.0.0.1/", "unix:", "unix:///", "consul://", "shop:///")
_USERS = st.one_of(st.just(""), st.builds("{}:{}@".format, _SECRETS, _SECRETS))
_ENDS = ("stock", "stock:80", "127.0.0.1:8500/stock", "[::1]:80", "a:80,b:80", "run/stock.sock", "")
_QUERIES = st.one_of(st.just(""), st.builds("{}token={}".format, st.sampled_from("?#"), _SECRETS))


@given(st.sampled_from(_STARTS), _USERS, st.sampled_from(_ENDS), _QUERIES)
@example("dns:", "hunter:1?2@", "stock", "")
@example("", "hunter://hunter@", "stock:80", "?token=@hunter")
def test_no_secret_of_a_target_survives(start: str, user: str, end: str, query: str) -> None:
    """Whatever signs are in a password or in a query, and wherever they stand."""
    assert "hunter" not in server(start + user + end + query)[0]


@pytest.mark.parametrize(
    ("digits", "text"),
    [
        ("0a000009", "10.0.0.9"),
        ("00000000000000000000ffff0a000009", "10.0.0.9"),
        ("20010db8000000000000000000000001", "2001:db8::1"),
        ("", ""),
        ("0a00", ""),
    ],
)
def test_addresses_are_read_from_their_digits(digits: str, text: str) -> None:
    """One of IPv4 is written as such, though Go may keep it as one of IPv6."""
    assert address(digits) == text
