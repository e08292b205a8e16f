from typing import Any

import pytest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanKind, StatusCode

from nodeagent.spans.http_client import client_span
from nodeagent.spans.span import Where
from tests.nodeagent.spans.requests import SENT

_WHERE = Where(Resource({"service.name": "shop"}), 1_000_000)


def _span(**changes: Any) -> ReadableSpan:
    return client_span(SENT._replace(**changes), _WHERE)


def test_a_sent_request_is_a_client_span() -> None:
    """Name, kind, times, parent and attributes, as the conventions have them."""
    span = _span()

    assert (span.name, span.kind) == ("POST", SpanKind.CLIENT)
    assert (span.start_time, span.end_time) == (1_001_000, 1_003_500)
    assert span.parent is not None
    assert (span.parent.span_id, span.parent.is_remote) == (7, False)
    assert span.status.status_code is StatusCode.UNSET
    assert dict(span.attributes or {}) == {
        "http.request.method": "POST",
        "http.response.status_code": 200,
        "url.full": "http://stock.example:8080/items/7",
        "server.address": "stock.example",
        "server.port": 8080,
        "network.protocol.version": "1.1",
    }


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (304, StatusCode.UNSET, None),
        (404, StatusCode.ERROR, "404"),
        (503, StatusCode.ERROR, "503"),
    ],
)
def test_a_refusal_is_an_error(status: int, code: StatusCode, error: str | None) -> None:
    """A status from 400 on is an error of a client span."""
    span = _span(status=status)

    assert span.status.status_code is code
    assert (span.attributes or {}).get("error.type") == error


@pytest.mark.parametrize(("error", "type_"), [("*net.OpError", "*net.OpError"), ("", "_OTHER")])
def test_a_failure_has_the_type_of_its_error(error: str, type_: str) -> None:
    """There is no status and no version where there was no answer."""
    span = _span(status=0, version=(0, 0), error=error)
    attributes = span.attributes or {}

    assert span.status.status_code is StatusCode.ERROR
    assert attributes["error.type"] == type_
    assert not {"http.response.status_code", "network.protocol.version"} & set(attributes)


def test_methods_are_few() -> None:
    """Without one it is GET; one that is not of the list is kept beside."""
    assert _span(method="").name == "GET"

    span = _span(method="BREW")
    attributes = span.attributes or {}
    assert span.name == "HTTP"
    assert attributes["http.request.method"] == "_OTHER"
    assert attributes["http.request.method_original"] == "BREW"


@pytest.mark.parametrize(
    ("scheme", "port"), [("http", 80), ("https", 443), ("unix", None)], ids=str
)
def test_the_port_is_that_of_the_scheme(scheme: str, port: int | None) -> None:
    """Where the address has none."""
    attributes = _span(host="stock.example", scheme=scheme).attributes or {}

    assert attributes.get("server.port") == port


@pytest.mark.parametrize(
    ("path", "escaped", "expected"),
    [
        ("", False, "/"),
        ("/a b/ä", False, "/a%20b/%C3%A4"),
        ("/100%", False, "/100%25"),
        ("/a%2Fb", True, "/a%2Fb"),
        ("/a%2Fb/ä", True, "/a%2Fb/%C3%A4"),
    ],
)
def test_an_address_is_written_as_it_is_sent(path: str, expected: str, *, escaped: bool) -> None:
    """Characters that addresses cannot have are escaped, once."""
    attributes = _span(path=path, escaped=escaped).attributes or {}

    assert attributes["url.full"] == f"http://stock.example:8080{expected}"


def test_redirects_are_counted() -> None:
    """A request that others were redirected to is sent again."""
    assert (_span(resent=2).attributes or {})["http.request.resend_count"] == 2
