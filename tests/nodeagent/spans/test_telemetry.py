from typing import Any

import pytest

from nodeagent.probes import PROBES
from nodeagent.spans.telemetry import is_telemetry
from tests.nodeagent.spans.calls import MADE, SERVED
from tests.nodeagent.spans.requests import REQUEST, SENT

_AUDIT = SENT._replace(path="/audit/api/v1/logs")
_EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"


@pytest.mark.parametrize(
    ("probe", "value", "expected"),
    [
        pytest.param("net/http client", SENT, False, id="request"),
        pytest.param("net/http client", SENT._replace(path="/v1/traces"), True, id="traces"),
        pytest.param("net/http client", SENT._replace(path="/otlp/v1/logs"), True, id="prefix"),
        pytest.param("net/http client", SENT._replace(path="/api/otlp/v1/logs"), True, id="deep"),
        pytest.param("net/http client", _AUDIT._replace(host="[::1]:4318"), True, id="port"),
        pytest.param("net/http client", _AUDIT, False, id="audit"),
        pytest.param("net/http client", SENT._replace(path="/x-otlp/v1/logs"), False, id="part"),
        pytest.param("net/http client", SENT._replace(path="/otlp/v1/logs/7"), False, id="below"),
        pytest.param("net/http client", SENT._replace(host="a:4318"), False, id="other path"),
        pytest.param(
            "net/http client", SENT._replace(path="/v1/logs", method="GET"), False, id="read"
        ),
        pytest.param("net/http server", REQUEST._replace(path="/v1/logs"), False, id="served"),
        pytest.param("google.golang.org/grpc client", MADE, False, id="call"),
        pytest.param(
            "google.golang.org/grpc client", MADE._replace(method=_EXPORT), True, id="export"
        ),
        pytest.param(
            "google.golang.org/grpc server", SERVED._replace(method=_EXPORT), True, id="collector"
        ),
    ],
)
def test_telemetry_is_told_from_work(probe: str, value: Any, *, expected: bool) -> None:
    """Only what OTLP says, and over HTTP only where the program is the one that sends."""
    assert probe in {one.name for one in PROBES}
    assert is_telemetry(probe, value) is expected
