import gzip
import http.client
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1 import trace_pb2

from demo.receiver import receiving
from demo.store import SpanStore

_BODY = ExportTraceServiceRequest(
    resource_spans=[
        trace_pb2.ResourceSpans(
            scope_spans=[
                trace_pb2.ScopeSpans(
                    spans=[trace_pb2.Span(trace_id=b"\x01" * 16, span_id=b"\x02" * 8, name="x")]
                )
            ]
        )
    ]
).SerializeToString()


@pytest.fixture(scope="module")
def endpoint() -> Iterator[tuple[SpanStore, str]]:
    """A receiver that runs while this module is tested."""
    store = SpanStore()
    with receiving(store) as url:
        yield store, url


def _post(url: str, path: str, body: bytes, **headers: str) -> int:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        connection.request("POST", path, body, {"content-type": "application/x-protobuf", **named})
        response = connection.getresponse()
        response.read()
        return response.status
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("body", "headers"),
    [(_BODY, {}), (gzip.compress(_BODY), {"content_encoding": "gzip"})],
    ids=["plain", "gzip"],
)
def test_spans_arrive(
    endpoint: tuple[SpanStore, str], body: bytes, headers: dict[str, str]
) -> None:
    """Protobuf, packed or not, ends in the store."""
    store, url = endpoint
    before = len(store.spans())

    assert _post(url, "/v1/traces", body, **headers) == 200
    assert len(store.spans()) == before + 1
    assert store.spans()[-1].name == "x"


@pytest.mark.parametrize("signal", ["metrics", "logs"])
def test_other_signals_are_counted(endpoint: tuple[SpanStore, str], signal: str) -> None:
    """They are taken, so that no agent complains."""
    store, url = endpoint

    assert _post(url, f"/v1/{signal}", b"anything") == 200
    assert store.counts()[signal] == 1


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        pytest.param(b"\xff\xff", {}, 400, id="no protobuf"),
        pytest.param(b"no gzip", {"content_encoding": "gzip"}, 400, id="no gzip"),
        pytest.param(
            gzip.compress(_BODY)[:-9], {"content_encoding": "gzip"}, 400, id="gzip that ends early"
        ),
        pytest.param(
            gzip.compress(b"\0" * (17 << 20)), {"content_encoding": "gzip"}, 413, id="a gzip bomb"
        ),
        pytest.param(b"\0" * (17 << 20), {}, 413, id="too large"),
        pytest.param(b"{}", {"content_type": "application/json"}, 415, id="JSON"),
    ],
)
def test_what_is_not_taken(
    endpoint: tuple[SpanStore, str], body: bytes, headers: dict[str, str], status: int
) -> None:
    """Each is refused with its status, and nothing is kept of it."""
    store, url = endpoint
    before = len(store.spans())

    assert _post(url, "/v1/traces", body, **headers) == status
    assert len(store.spans()) == before
