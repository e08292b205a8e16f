from pathlib import Path

from nodeagent.probes.http_server import Ended
from nodeagent.tracing.tracer import Tracer
from tests.nodeagent.binary.builds import Case
from tests.nodeagent.tracing.collecting import (
    PARENT,
    TRACE,
    gathered,
    gathered_with,
    traceparent,
)
from tests.nodeagent.tracing.servers import Server, fetched

_STATUSES = (201, 204, 400, 404, 418, 500, 503)


def test_streams_are_requests(
    tracer: Tracer, any_server: Server, any_program: Path, case: Case
) -> None:
    """23 requests over one connection of HTTP/2 are 23 records, each with its own status."""
    base = f"https://{any_server.secure}"
    paths = [
        *(f"/items/{number}" for number in range(9)),
        *(f"/status/{status}" for status in _STATUSES),
        *("/silent" for _ in range(7)),
    ]

    answers = fetched(any_program, *(f"{base}{path}" for path in paths))

    statuses = [*[200] * 9, *_STATUSES, *[200] * 7]
    assert answers == [f"HTTP/2.0 {status}" for status in statuses]
    seen = gathered(tracer, any_server)
    assert [(one.path, one.status or 200) for one in seen] == list(
        zip(paths, statuses, strict=True)
    )
    assert {(one.method, one.version, one.over_tls) for one in seen} == {("GET", (2, 0), True)}
    assert {one.host for one in seen} == {any_server.secure}
    routes = {"", "/items/"} if case.version != "1.19" else {""}
    assert {one.route for one in seen if not one.path.startswith("/s")} | {""} == routes


def test_the_parent_is_found(tracer: Tracer, any_server: Server, any_program: Path) -> None:
    """A traceparent is a header in HTTP/2 as in HTTP/1.1."""
    url = f"https://{any_server.secure}/items/1"

    fetched(any_program, f"{url}|{traceparent()}", url)

    parents = [
        (one.head.trace_id == TRACE, one.head.parent_id) for one in gathered(tracer, any_server)
    ]
    assert parents == [(True, PARENT), (False, 0)]


def test_a_handler_that_panics_is_seen(
    tracer: Tracer, any_server: Server, any_program: Path, case: Case
) -> None:
    """Its span has no status; Go before 1.20.10 leaves nothing to see it by."""
    base = f"https://{any_server.secure}"

    answers = fetched(any_program, *(f"{base}{path}" for path in ("/fail", "/items/1")))

    assert answers[-1] == "HTTP/2.0 200"
    if case.version == "1.19":
        seen = gathered(tracer, any_server)
    else:
        seen = gathered_with(tracer, any_server, "/fail")
    ended = {one.path: one.ended for one in seen}
    assert ended.pop("/fail", None) is (None if case.version == "1.19" else Ended.ABORTED)
    assert ended == {"/items/1": Ended.ANSWERED}
