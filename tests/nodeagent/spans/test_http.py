from typing import Any

import pytest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanKind, StatusCode

from nodeagent.probes.http_server import Ended
from nodeagent.spans.http import METHODS, path_of, server_span
from nodeagent.spans.span import Where
from tests.nodeagent.spans.requests import HEAD, REQUEST

_RESOURCE = Resource({"service.name": "shop"})
_WHERE = Where(_RESOURCE, 1_000_000)


def _span(**changes: Any) -> ReadableSpan:
    return server_span(REQUEST._replace(**changes), _WHERE)


def test_a_served_request_is_a_server_span() -> None:
    """Name, kind, times, ids, resource and attributes, as the conventions have them."""
    span = _span()

    assert (span.name, span.kind) == ("GET /items/{id}", SpanKind.SERVER)
    assert (span.start_time, span.end_time) == (1_001_000, 1_003_500)
    assert span.context is not None
    assert span.context.trace_id == HEAD.trace_id
    assert span.context.span_id == HEAD.span_id
    assert span.context.trace_flags.sampled
    assert span.parent is None
    assert span.resource == _RESOURCE
    assert dict(span.attributes or {}) == {
        "http.request.method": "GET",
        "http.response.status_code": 200,
        "http.route": "/items/{id}",
        "url.scheme": "http",
        "url.path": "/items/7",
        "server.address": "shop.example",
        "server.port": 8080,
        "client.address": "10.0.0.9",
        "network.peer.address": "10.0.0.9",
        "network.peer.port": 50000,
        "network.protocol.version": "1.1",
    }


def test_the_parent_is_remote() -> None:
    """What the request names as its parent is a span of somebody else, in the same trace."""
    span = _span(head=HEAD._replace(parent_id=7, remote=True))

    assert span.parent is not None
    assert (span.parent.trace_id, span.parent.span_id) == (HEAD.trace_id, 7)
    assert span.parent.is_remote


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        pytest.param(0, StatusCode.UNSET, None, id="left-to-the-server"),
        pytest.param(204, StatusCode.UNSET, None, id="success"),
        pytest.param(404, StatusCode.UNSET, None, id="the-client's-fault"),
        pytest.param(500, StatusCode.ERROR, "500", id="ours"),
        pytest.param(503, StatusCode.ERROR, "503", id="unavailable"),
    ],
)
def test_only_the_servers_faults_are_errors(
    status: int, code: StatusCode, error: str | None
) -> None:
    """A status from 500 on is an error of a server span, one below is none."""
    span = _span(status=status)
    attributes = span.attributes or {}

    assert span.status.status_code is code
    assert attributes.get("error.type") == error
    assert attributes["http.response.status_code"] == (status or 200)


def test_names_stay_few() -> None:
    """Without a route the name is the method alone; what is no method of the list is `HTTP`."""
    assert _span(route="").name == "GET"
    assert _span(route="", method="BREW").name == "HTTP"
    assert _span(method="BREW").name == "HTTP /items/{id}"


def test_an_unknown_method_is_kept_beside() -> None:
    """`_OTHER`, and what it was."""
    attributes = _span(method="BREW").attributes or {}

    assert attributes["http.request.method"] == "_OTHER"
    assert attributes["http.request.method_original"] == "BREW"


def test_known_methods_are_written_as_requests_have_them() -> None:
    """Methods are case-sensitive."""
    assert {method.upper() for method in METHODS} == METHODS


@pytest.mark.parametrize(
    ("version", "text"), [((1, 0), "1.0"), ((1, 1), "1.1"), ((2, 0), "2"), ((3, 0), "3")], ids=str
)
def test_versions_as_the_conventions_write_them(version: tuple[int, int], text: str) -> None:
    """HTTP/2 has no minor version."""
    assert (_span(version=version).attributes or {})["network.protocol.version"] == text


def test_tls_is_a_scheme() -> None:
    """A request over TLS came for `https`."""
    assert (_span(over_tls=True).attributes or {})["url.scheme"] == "https"


def test_what_is_not_known_is_left_out() -> None:
    """A request without host and peer has no empty attributes."""
    attributes = _span(host="", peer="", route="").attributes or {}

    assert not [
        name for name in attributes if name.startswith(("server.", "client.", "network.pe"))
    ]
    assert "http.route" not in attributes


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("/items/", "/items/"),
        ("GET /items/{id}", "/items/{id}"),
        ("shop.example/items/", "/items/"),
        ("POST shop.example/items/{id...}", "/items/{id...}"),
        ("/{$}", "/{$}"),
        ("", ""),
    ],
)
def test_a_route_is_the_path_of_a_pattern(pattern: str, path: str) -> None:
    """Method and host of a pattern have attributes of their own."""
    assert path_of(pattern) == path


def test_a_panic_is_an_error_without_a_status() -> None:
    """No answer went out that could have had one."""
    span = _span(ended=Ended.ABORTED, status=0)
    attributes = span.attributes or {}

    assert span.status.status_code is StatusCode.ERROR
    assert attributes["error.type"] == "panic"
    assert "http.response.status_code" not in attributes


def test_a_connection_that_was_taken_over_has_no_status() -> None:
    """What the handler wrote itself is not known; it is no error."""
    span = _span(ended=Ended.HIJACKED, status=0)
    attributes = span.attributes or {}

    assert span.status.status_code is StatusCode.UNSET
    assert not {"error.type", "http.response.status_code"} & set(attributes)
