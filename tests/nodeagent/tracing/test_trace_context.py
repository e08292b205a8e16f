import pytest

from nodeagent.tracing.process import Process
from nodeagent.tracing.tracer import Tracer
from tests.nodeagent.tracing.collecting import PARENT, TRACE, gathered, traceparent
from tests.nodeagent.tracing.servers import Server, read


@pytest.mark.parametrize("others", [0, 5, 8, 9, 20, 40])
def test_the_parent_is_found_among_many_headers(
    tracer: Tracer, any_server: Server, others: int
) -> None:
    """However many headers there are beside it, a traceparent is found."""
    headers = {f"x-header-{number}": "x" for number in range(others)}
    headers["TraceParent"] = traceparent()

    any_server.get("/items/1", headers)

    assert [one.head.parent_id for one in gathered(tracer, any_server)] == [PARENT]


def test_the_parent_is_found_where_memory_is_new(tracer: Tracer, server: Server) -> None:
    """A map's last slots may lie on a page that nobody has touched; of hundreds some do."""
    before = tracer.counters()["unsearched"]
    headers = {f"x-header-{number}": "x" for number in range(12)}
    connection = server.connect()
    for _ in range(400):
        connection.request("GET", "/items/1", headers=headers | {"traceparent": traceparent()})
        read(connection.getresponse())
    connection.close()

    assert {PARENT} == {one.head.parent_id for one in gathered(tracer, server)}
    assert tracer.counters()["unsearched"] == before


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("", id="empty"),
        pytest.param("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331", id="short"),
        pytest.param("00-00000000000000000000000000000000-b7ad6b7169203331-01", id="no-trace"),
        pytest.param("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", id="no-parent"),
        pytest.param("00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01", id="capitals"),
        pytest.param("ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", id="version"),
        pytest.param("00_0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331_01", id="separators"),
        pytest.param("00-0af7651916cd43dd8448eb211c80319g-b7ad6b7169203331-01", id="digits"),
    ],
)
def test_a_malformed_traceparent_is_none(tracer: Tracer, server: Server, value: str) -> None:
    """What is no traceparent begins a trace of its own."""
    server.get("/items/1", {"traceparent": value})

    [seen] = gathered(tracer, server)

    assert seen.head.parent_id == 0
    assert seen.head.trace_id not in {0, TRACE}


def test_two_traceparents_are_none(tracer: Tracer, server: Server) -> None:
    """A header that comes twice says nothing."""
    connection = server.connect()
    connection.putrequest("GET", "/items/1")
    connection.putheader("traceparent", traceparent())
    connection.putheader("traceparent", traceparent(parent=1))
    connection.endheaders()
    read(connection.getresponse())
    connection.close()

    assert [one.head.parent_id for one in gathered(tracer, server)] == [0]


def test_a_parent_that_is_not_sampled_is_heeded(tracer: Tracer, server: Server) -> None:
    """What the caller does not sample, we do not record."""
    server.get("/items/1", {"traceparent": traceparent(sampled=False)})
    server.get("/items/2", {"traceparent": traceparent()})

    assert [one.path for one in gathered(tracer, server)] == ["/items/2"]


def test_a_ratio_of_new_traces_is_sampled(tracer: Tracer, server: Server) -> None:
    """A ratio holds for traces that begin here, not for those that were sampled before."""
    tracer.trace(Process(server.pid), 0.5)
    connection = server.connect()
    for number in range(200):
        headers = {"traceparent": traceparent()} if number % 2 else {}
        connection.request("GET", "/silent", headers=headers)
        read(connection.getresponse())
    connection.close()

    seen = gathered(tracer, server)

    begun = sum(not one.head.parent_id for one in seen)
    assert len(seen) - begun == 100
    assert 20 < begun < 80  # fewer or more come once in 10^9 runs


def test_nothing_is_sampled_with_a_ratio_of_none(tracer: Tracer, server: Server) -> None:
    """Ratio 0 records no trace that begins here."""
    tracer.trace(Process(server.pid), 0)
    for number in range(20):
        server.get("/items/1", {"traceparent": traceparent()} if number % 2 else {})

    assert [one.head.parent_id for one in gathered(tracer, server)] == [PARENT] * 10
