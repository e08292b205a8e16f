"""Requests, for tests that change one thing of them."""

from nodeagent.probes.http_client import SentRequest
from nodeagent.probes.http_server import Ended, ServedRequest
from nodeagent.probes.record import Head

HEAD = Head(
    start=1_000,
    end=3_500,
    trace_id=0x0AF7651916CD43DD8448EB211C80319C,
    span_id=0x00F067AA0BA902B7,
    parent_id=0,
    remote=False,
    process=42,
)
REQUEST = ServedRequest(
    head=HEAD,
    status=200,
    ended=Ended.ANSWERED,
    over_tls=False,
    version=(1, 1),
    method="GET",
    path="/items/7",
    host="shop.example:8080",
    peer="10.0.0.9:50000",
    route="GET /items/{id}",
)
SENT = SentRequest(
    head=HEAD._replace(parent_id=7),
    status=200,
    version=(1, 1),
    resent=0,
    escaped=False,
    method="POST",
    scheme="http",
    host="stock.example:8080",
    path="/items/7",
    error="",
)
