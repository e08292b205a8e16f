"""Which function makes spans of what a probe saw: one for each of `nodeagent.probes.PROBES`."""

from collections.abc import Callable, Mapping
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan

from nodeagent.probes.api import API
from nodeagent.probes.grpc_client import GRPC_CLIENT
from nodeagent.probes.grpc_server import GRPC_SERVER
from nodeagent.probes.http_client import HTTP_CLIENT
from nodeagent.probes.http_server import HTTP_SERVER
from nodeagent.probes.sql import SQL
from nodeagent.spans import rpc
from nodeagent.spans.api import api_span
from nodeagent.spans.database import database_span
from nodeagent.spans.http import server_span
from nodeagent.spans.http_client import client_span
from nodeagent.spans.span import Where

BUILDERS: Mapping[str, Callable[[Any, Where], ReadableSpan]] = {
    HTTP_SERVER.name: server_span,
    HTTP_CLIENT.name: client_span,
    SQL.name: database_span,
    GRPC_SERVER.name: rpc.server_span,
    GRPC_CLIENT.name: rpc.client_span,
    API.name: api_span,
}
"""By the probe's name; a builder is given what the probe's `read` makes."""
