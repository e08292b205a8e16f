"""Calls that were served and made, for tests that change one thing of them."""

from nodeagent.probes.grpc_client import MadeCall
from nodeagent.probes.grpc_server import ServedCall
from tests.nodeagent.spans.requests import HEAD

SERVED = ServedCall(head=HEAD, status=0, method="/shop.Stock/Get", peer="0a000009", port=50000)
MADE = MadeCall(
    head=HEAD,
    status=0,
    method="/shop.Stock/Get",
    target="dns:///stock.shop:8080",
    peer="0a000007",
    port=8080,
)
