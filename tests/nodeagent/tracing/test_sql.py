from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from opentelemetry.sdk.resources import Resource

from nodeagent.probes.http_server import ServedRequest
from nodeagent.probes.sql import Call, DatabaseCall
from nodeagent.spans.database import database_span
from nodeagent.spans.span import Where
from nodeagent.tracing.process import Process
from nodeagent.tracing.tracer import Tracer
from tests.nodeagent.binary.builds import Case
from tests.nodeagent.binary.conftest import required, shown
from tests.nodeagent.tracing.collecting import everything
from tests.nodeagent.tracing.databases import ask
from tests.nodeagent.tracing.servers import CASES, Server, built, running

_ITEMS = "SELECT name FROM items WHERE price < 10"
_MISSING = "DELETE FROM missing"
_ORDER = "INSERT INTO orders (item) VALUES ('tea')"
_SKIPPED = "SELECT name FROM prepared"

# Requests: path, query, and the calls that the database sees of it, by the names of their spans.
_WORKLOAD = (
    ("/query", _ITEMS, ("SELECT items",)),
    ("/query", _MISSING, ("DELETE missing",)),
    ("/query", _SKIPPED, ("SELECT prepared",)),
    ("/row", _ITEMS, ("SELECT items",)),
    ("/exec", _ORDER, ("INSERT orders",)),
    ("/exec", _MISSING, ("DELETE missing",)),
    ("/without", _ITEMS, ("SELECT items",)),
    ("/elsewhere", _ITEMS, ("SELECT items",)),
    ("/prepared", _ORDER, ("PREPARE", "INSERT orders", "INSERT orders")),
    ("/prepared", _MISSING, ("PREPARE",)),
    ("/transaction", _ORDER, ("BEGIN", "INSERT orders", "COMMIT")),
    ("/transaction", _MISSING, ("BEGIN", "DELETE missing", "ROLLBACK")),
    ("/rollback", "", ("BEGIN", "ROLLBACK")),
    ("/held", _ORDER, ("INSERT orders",)),
    ("/held", _ITEMS, ("SELECT items",)),
    ("/elsewhere", _MISSING, ("DELETE missing",)),
)
_NAMES = [name for _, _, names in _WORKLOAD for name in names]


@pytest.fixture(name="case", scope="module", params=CASES, ids=str)
def fixture_case(request: pytest.FixtureRequest) -> Case:
    """Each version and variant; a few of them where not all are required."""
    case: Case = request.param
    if case not in CASES[1:3] and not required():
        pytest.skip("built with SPANHOOK_REQUIRE_GO=1 only")
    return case


@pytest.fixture(name="asking")
def fixture_asking(tracer: Tracer, case: Case, request: pytest.FixtureRequest) -> Iterator[Server]:
    """A running server that asks a database, traced."""
    with shown(request) as say:
        program = built(case, say, "sql")
    with running(program) as server:
        tracer.trace(Process(server.pid))
        yield server
        tracer.forget(server.pid)


def _seen(tracer: Tracer, server: Server) -> tuple[list[ServedRequest], list[DatabaseCall]]:
    found = everything(tracer, server)
    requests = [one for one in found if isinstance(one, ServedRequest)]
    return requests, [one for one in found if isinstance(one, DatabaseCall)]


def test_each_call_is_seen_once_as_it_was(tracer: Tracer, asking: Server) -> None:
    """23 calls are 23 spans, in order, below their requests, with their errors."""
    for path, query, _ in _WORKLOAD:
        ask(asking, path, query)

    requests, calls = _seen(tracer, asking)

    spans = [database_span(call, Where(Resource({}), 0)) for call in calls]
    assert len(_NAMES) == 23
    assert [span.name for span in spans] == _NAMES
    assert [(span.attributes or {}).get("error.type") for span in spans] == [
        _error(names, number) for _, _, names in _WORKLOAD for number in range(len(names))
    ]
    above = [
        (request.head.trace_id, request.head.span_id)
        for (_, _, names), request in zip(_WORKLOAD, requests, strict=True)
        for _ in names
    ]
    assert above == [(call.head.trace_id, call.head.parent_id) for call in calls]


def _error(names: tuple[str, ...], number: int) -> str | None:
    if names[number] == "ROLLBACK":
        return "*errors.errorString"
    is_refused = names[number] == "DELETE missing" or names == ("PREPARE",)
    return "*main.Refused" if is_refused else None


def test_times_are_in_order(tracer: Tracer, asking: Server) -> None:
    """Each call begins before it ends, ends before the next, and lies within its request."""
    for _ in range(3):
        ask(asking, "/transaction", _ORDER)

    requests, calls = _seen(tracer, asking)

    times = [time for call in calls for time in (call.head.start, call.head.end)]
    assert len(times) == 18
    assert sorted(times) == times
    assert requests[0].head.start < times[0]
    assert times[-1] < requests[-1].head.end


def test_the_driver_and_the_query_are_kept(tracer: Tracer, asking: Server) -> None:
    """The type of the driver tells the database; of a query 463 bytes are kept."""
    long = f"SELECT name FROM items WHERE note = '{'x' * 1000}'"
    ask(asking, "/query", _ITEMS)
    ask(asking, "/query", long)

    _, [first, second] = _seen(tracer, asking)

    assert (first.driver, first.query, first.is_cut) == ("*main.Driver", _ITEMS, False)
    assert (second.query, second.is_cut) == (long[:463], True)
    assert first.call is Call.STATEMENT


def test_what_is_asked_at_one_time_is_told_apart(tracer: Tracer, asking: Server) -> None:
    """Requests on many connections: each has its own three calls, and none is missing."""
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: ask(asking, "/transaction", _ORDER), range(100)))

    requests, calls = _seen(tracer, asking)

    below = Counter((call.head.trace_id, call.head.parent_id) for call in calls)
    assert below == {(one.head.trace_id, one.head.span_id): 3 for one in requests}
    assert len(requests) == 100
