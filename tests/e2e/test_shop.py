"""The shop on a real node: Node.js, Python and Java pods with agents, Go labelled, no .NET.

No .NET runtime or agent is to be had without a registry, and the agent for Go is the node's: what
is tested of Go is that its pod is left as it is, and labelled for it.
"""

from demo.expectation import missing
from demo.traces import traces_of
from demo.traffic import send
from tests.cluster.node import Node
from tests.cluster.waiting import until
from tests.e2e import shop
from tests.e2e.telemetry import Telemetry


def test_one_trace_through_three_languages(node: Node, opened: Telemetry) -> None:
    """An order goes from Node.js to Python to Java, and its spans arrive as one trace."""
    seen = list(send(shop.DOOR, 2, shop.door(node)))

    assert [visit.status for visit in seen] == [visit.visit.expected for visit in seen]
    until(lambda: not missing(traces_of(opened.spans())), "one trace", 30)
