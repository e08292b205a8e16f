"""The receiver on the node, at the address that agents are told by default, and what it got."""

import base64
import gzip
import http.client
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from demo.spans import Span, spans_of
from tests.cluster.client import Object
from tests.cluster.node import Node
from tests.e2e import recorder
from tests.e2e.images import DEBIAN
from tests.waiting import until

NAMESPACE = "spanhook-node"
NAME = "spanhook-collector"

_LABELS = {"app": NAME}


@dataclass(frozen=True, slots=True)
class Telemetry:
    """What arrived."""

    address: str

    def requests(self) -> list[ExportTraceServiceRequest]:
        """Everything that was sent to the path of traces."""
        return [_decoded(one) for one in self._kept() if one["path"] == "/v1/traces"]

    def paths(self) -> set[str]:
        """Where anything was sent to."""
        return {one["path"] for one in self._kept()}

    def spans(self) -> list[Span]:
        """All spans."""
        return [span for request in self.requests() for span in spans_of(request)]

    def resources(self, service: str) -> list[Mapping[str, str]]:
        """The text attributes of every resource that says it is this service."""
        found = (_attributes(request) for request in self.requests())
        return [one for some in found for one in some if one.get("service.name") == service]

    def _kept(self) -> list[dict[str, str]]:
        connection = http.client.HTTPConnection(self.address, recorder.PORT, timeout=10)
        try:
            connection.request("GET", "/requests")
            kept: list[dict[str, str]] = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        return kept


def receiving(node: Node) -> Telemetry:
    """Start the receiver and wait until it listens. Its namespace must be there."""
    *_, service = node.apply(_script(), _pod(), _service())
    telemetry = Telemetry(service["spec"]["clusterIP"])
    until(lambda: _listens(telemetry), "a receiver", 60)
    return telemetry


def _listens(telemetry: Telemetry) -> bool:
    try:
        telemetry.paths()
    except OSError:
        return False
    return True


def _decoded(request: Mapping[str, str]) -> ExportTraceServiceRequest:
    assert request["type"] == "application/x-protobuf", request["type"]
    body = base64.b64decode(request["body"])
    message = ExportTraceServiceRequest()
    message.ParseFromString(gzip.decompress(body) if request["encoding"] == "gzip" else body)
    return message


def _attributes(request: ExportTraceServiceRequest) -> Iterator[Mapping[str, str]]:
    for spans in request.resource_spans:
        yield {one.key: one.value.string_value for one in spans.resource.attributes}


def _script() -> Object:
    text = Path(recorder.__file__).read_text()
    return _object("ConfigMap") | {"data": {"recorder.py": text}}


def _pod() -> Object:
    container = {
        "name": "recorder",
        "image": DEBIAN,
        "command": ["python3", "/recorder/recorder.py"],
        "volumeMounts": [{"name": "recorder", "mountPath": "/recorder"}],
    }
    spec = {
        "containers": [container],
        "volumes": [{"name": "recorder", "configMap": {"name": NAME}}],
        "terminationGracePeriodSeconds": 0,
    }
    return _object("Pod") | {"spec": spec}


def _service() -> Object:
    spec = {
        "selector": _LABELS,
        "internalTrafficPolicy": "Local",
        "ports": [{"name": "otlp-http", "port": recorder.PORT}],
    }
    return _object("Service") | {"spec": spec}


def _object(kind: str) -> Object:
    metadata = {"name": NAME, "namespace": NAMESPACE, "labels": _LABELS}
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata}
