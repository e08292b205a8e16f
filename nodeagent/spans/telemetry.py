"""What programs send of their own telemetry: OTLP over HTTP or gRPC, which is no work of theirs.

Paths, port and services: https://opentelemetry.io/docs/specs/otlp/. Served over HTTP it is not left
out: there a path alone does not tell it from an application's own.
"""

from collections.abc import Callable, Mapping
from typing import Any

from nodeagent.probes.grpc_client import GRPC_CLIENT, MadeCall
from nodeagent.probes.grpc_server import GRPC_SERVER, ServedCall
from nodeagent.probes.http_client import HTTP_CLIENT, SentRequest
from nodeagent.spans.addresses import split

_PATHS = ("/v1/traces", "/v1/metrics", "/v1/logs")
_PORT = 4318
_SEGMENT = "/otlp/"  # in front of the paths: Grafana Cloud, Loki, Dynatrace
_SERVICES = "/opentelemetry.proto.collector."


def _is_sent(request: SentRequest) -> bool:
    """A path that only ends so may be an application's: `/audit/api/v1/logs`."""
    path = request.path
    if request.method != "POST" or not path.endswith(_PATHS):
        return False
    return path in _PATHS or _SEGMENT in path or split(request.host)[1] == _PORT


def _is_call(call: MadeCall | ServedCall) -> bool:
    return call.method.startswith((_SERVICES, _SERVICES[1:]))


_RULES: Mapping[str, Callable[[Any], bool]] = {
    HTTP_CLIENT.name: _is_sent,
    GRPC_SERVER.name: _is_call,
    GRPC_CLIENT.name: _is_call,
}


def is_telemetry(probe: str, value: Any) -> bool:
    """Whether what a probe, by its name, saw is telemetry on its way."""
    rule = _RULES.get(probe)
    return rule is not None and rule(value)
