"""What a tracer sees, gathered to the last span."""

from typing import Any

from nodeagent.probes.http_server import ServedRequest
from nodeagent.tracing.tracer import Tracer
from tests.nodeagent.tracing.servers import Server
from tests.waiting import until

_BARRIER = "/barrier"  # unknown to the servers
TRACE, PARENT = 0x0AF7651916CD43DD8448EB211C80319C, 0xB7AD6B7169203331


def traceparent(*, trace: int = TRACE, parent: int = PARENT, sampled: bool = True) -> str:
    """The header's value."""
    return f"00-{trace:032x}-{parent:016x}-{int(sampled):02x}"


def gathered(tracer: Tracer, server: Server) -> list[ServedRequest]:
    """All requests that were answered so far."""
    found = everything(tracer, server)
    return [one for one in found if isinstance(one, ServedRequest)]


def gathered_with(tracer: Tracer, server: Server, path: str) -> list[ServedRequest]:
    """The same, and one that ends on its own: its client may know before its span is there."""
    found = gathered(tracer, server)

    def is_there() -> bool:
        found.extend(e.value for e in tracer.events() if isinstance(e.value, ServedRequest))
        return any(one.path == path for one in found)

    until(is_there, f"the span of {path}")
    return found


def everything(tracer: Tracer, server: Server) -> list[Any]:
    """What every probe has seen so far, as the probe's `read` makes it.

    A span is handed over before its answer's last byte is sent: what was answered before one more
    request is there when that one's span is. Its traceparent makes sure that it is sampled.
    """
    found: list[Any] = []
    server.get(_BARRIER, {"traceparent": traceparent()})

    def is_barrier(one: object) -> bool:
        return isinstance(one, ServedRequest) and one.path == _BARRIER

    def is_complete() -> bool:
        found.extend(event.value for event in tracer.events())
        return any(is_barrier(one) for one in found)

    until(is_complete, "the span of the request that was sent last")
    return [one for one in found if not is_barrier(one)]
