import threading
from pathlib import Path

import pytest

from nodeagent.probes.http_server import ServedRequest
from nodeagent.probes.program import Limits
from nodeagent.tracing.process import Process
from nodeagent.tracing.tracer import Tracer
from tests.nodeagent.binary.builds import Case
from tests.nodeagent.machine import require_tracing
from tests.nodeagent.tracing.collecting import PARENT, TRACE, gathered, traceparent
from tests.nodeagent.tracing.servers import Server, read, running

# A prime number of requests: method, path, status, and whether it names a parent.
_WORKLOAD = (
    *(("GET", f"/items/{number}", 200, number % 2 == 0) for number in range(9)),
    *(("POST", f"/status/{code}", code, True) for code in (201, 204, 301, 400, 404, 418, 500, 503)),
    *(("PUT", f"/silent?n={number}", 200, False) for number in range(5)),
    ("DELETE", "/unknown/path", 404, True),
)


def _send(server: Server, *, keep_alive: bool) -> None:
    connection = server.connect()
    for method, path, status, has_parent in _WORKLOAD:
        headers = {"traceparent": traceparent()} if has_parent else {}
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        assert answer.status == status
        read(answer)
        if not keep_alive:
            connection.close()
    connection.close()


@pytest.mark.parametrize("keep_alive", [True, False])
def test_each_request_is_seen_once_as_it_was(
    tracer: Tracer, any_server: Server, *, keep_alive: bool
) -> None:
    """23 requests are 23 records, in order, with method, path, status and parent."""
    _send(any_server, keep_alive=keep_alive)

    seen = gathered(tracer, any_server)

    assert len(seen) == 23
    expected = [
        (method, path.partition("?")[0], status, has_parent)
        for method, path, status, has_parent in _WORKLOAD
    ]
    assert expected == [
        (one.method, one.path, one.status or 200, bool(one.parent_id)) for one in seen
    ]
    assert {any_server.address} == {one.host for one in seen}
    assert {any_server.pid} == {one.process for one in seen}
    assert {(1, 1)} == {one.version for one in seen}
    assert not any(one.over_tls for one in seen)
    assert all(one.peer.startswith("127.0.0.1:") for one in seen)


def test_parents_are_those_of_the_headers_and_ids_are_unique(
    tracer: Tracer, any_server: Server
) -> None:
    """A request continues its traceparent's trace; without one it begins its own."""
    _send(any_server, keep_alive=True)

    seen = gathered(tracer, any_server)

    continued = [one for one in seen if one.parent_id]
    begun = [one for one in seen if not one.parent_id]
    assert {(TRACE, PARENT)} == {(one.trace_id, one.parent_id) for one in continued}
    assert len(begun) == len({one.trace_id for one in begun} - {0, TRACE})
    assert len(seen) == len({one.span_id for one in seen} - {0})


def test_times_are_in_order(tracer: Tracer, any_server: Server) -> None:
    """On one connection each request begins before it ends, and ends before the next begins."""
    _send(any_server, keep_alive=True)

    seen = gathered(tracer, any_server)

    times = [time for one in seen for time in (one.start, one.end)]
    assert len(times) == 46
    assert sorted(times) == times


def test_routes_are_the_patterns_of_the_mux(tracer: Tracer, any_server: Server, case: Case) -> None:
    """Since Go 1.22 a request knows its pattern; what matches none has no route."""
    any_server.get("/items/7")
    any_server.get("/unknown")

    seen = gathered(tracer, any_server)

    route = "" if case.version == "1.19" else "/items/"
    assert [("/items/7", route), ("/unknown", "")] == [(one.path, one.route) for one in seen]


@pytest.mark.parametrize("others", [0, 5, 8, 9, 20, 40])
def test_the_parent_is_found_among_many_headers(
    tracer: Tracer, any_server: Server, others: int
) -> None:
    """However many headers there are beside it, a traceparent is found."""
    headers = {f"x-header-{number}": "x" for number in range(others)}
    headers["TraceParent"] = traceparent()

    any_server.get("/items/1", headers)

    assert [one.parent_id for one in gathered(tracer, any_server)] == [PARENT]


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

    assert seen.parent_id == 0
    assert seen.trace_id not in {0, TRACE}


def test_two_traceparents_are_none(tracer: Tracer, server: Server) -> None:
    """A header that comes twice says nothing."""
    connection = server.connect()
    connection.putrequest("GET", "/items/1")
    connection.putheader("traceparent", traceparent())
    connection.putheader("traceparent", traceparent(parent=1))
    connection.endheaders()
    read(connection.getresponse())
    connection.close()

    assert [one.parent_id for one in gathered(tracer, server)] == [0]


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

    begun = sum(not one.parent_id for one in seen)
    assert len(seen) - begun == 100
    assert 20 < begun < 80  # fewer or more come once in 10^9 runs


def test_nothing_is_sampled_with_a_ratio_of_none(tracer: Tracer, server: Server) -> None:
    """Ratio 0 records no trace that begins here."""
    tracer.trace(Process(server.pid), 0)
    _send(server, keep_alive=True)

    assert all(one.parent_id for one in gathered(tracer, server))


def test_what_waits_together_is_told_apart(tracer: Tracer, server: Server) -> None:
    """A hundred requests that are under way at the same time are a hundred spans."""
    paths = [f"/wait?n={number}" for number in range(100)]
    parents = range(1, 101)
    threads = [
        threading.Thread(
            target=server.get, args=(path, {"traceparent": traceparent(parent=parent)})
        )
        for path, parent in zip(paths, parents, strict=True)
    ]
    for thread in threads:
        thread.start()
    server.get("/open?count=100")
    for thread in threads:
        thread.join()

    seen = [one for one in gathered(tracer, server) if one.path == "/wait"]

    assert list(parents) == sorted(one.parent_id for one in seen)


def test_the_program_gets_its_headers_as_they_were(tracer: Tracer, server: Server) -> None:
    """Tracing changes nothing of what the program sees."""
    sent = traceparent()

    assert sent == server.get("/echo", {"traceparent": sent})
    assert len(gathered(tracer, server)) == 1


@pytest.mark.parametrize("path", ["/fail", "/hijack"])
def test_what_ends_without_an_answer_disturbs_nothing(
    tracer: Tracer, server: Server, path: str
) -> None:
    """A handler that panics, or takes the connection, gives no span; those around it are right."""
    connection = server.connect()
    for one in ("/items/1", path):
        connection.request("GET", one)
        try:
            read(connection.getresponse())
        except ConnectionError:
            connection.close()
    connection.close()
    server.get("/items/2")

    assert [one.path for one in gathered(tracer, server)] == ["/items/1", "/items/2"]


def test_long_texts_are_cut(tracer: Tracer, server: Server) -> None:
    """Of a path 255 bytes are kept, and what follows it is in place."""
    path = "/items/" + "x" * 4000

    server.get(path)

    [seen] = gathered(tracer, server)
    assert path[:255] == seen.path
    assert (server.address, "/items/") == (seen.host, seen.route)


def test_a_process_that_is_not_traced_is_not_seen(
    tracer: Tracer, program: Path, server: Server
) -> None:
    """Another process of the same file is left alone."""
    with running(program) as other:
        other.get("/items/1")
        server.get("/items/2")

        assert [one.path for one in gathered(tracer, server)] == ["/items/2"]


def test_a_process_is_forgotten(tracer: Tracer, program: Path, server: Server) -> None:
    """What happens after a process is forgotten is not seen; its file stays probed for others."""
    with running(program) as other:
        tracer.trace(Process(other.pid))
        other.get("/items/1")
        tracer.forget(other.pid)
        other.get("/items/2")

        assert [one.path for one in gathered(tracer, server)] == ["/items/1"]


def test_losses_are_counted_to_the_span(program: Path) -> None:
    """What has no room in the ring buffer is counted: what is seen and what is lost are all."""
    require_tracing()
    tracer = Tracer(limits=Limits(events=4096))
    try:
        with running(program) as server:
            tracer.trace(Process(server.pid))
            connection = server.connect()
            for _ in range(100):
                connection.request("GET", "/items/1")
                read(connection.getresponse())
            connection.close()
            seen = list(tracer.events())

            lost = tracer.counters()["lost"]
            assert 0 < lost < 100
            assert len(seen) + lost == 100
    finally:
        tracer.close()


def test_the_ring_buffer_goes_round(program: Path) -> None:
    """Many times its size passes through the buffer without loss when it is read in time."""
    require_tracing()
    tracer = Tracer(limits=Limits(events=4096))
    seen: list[ServedRequest] = []
    try:
        with running(program) as server:
            tracer.trace(Process(server.pid))
            connection = server.connect()
            for number in range(500):
                connection.request("GET", f"/items/{number}")
                read(connection.getresponse())
                seen.extend(event.value for event in tracer.events())
            connection.close()
            assert [f"/items/{number}" for number in range(500)] == [one.path for one in seen]
            assert tracer.counters()["lost"] == 0
    finally:
        tracer.close()
