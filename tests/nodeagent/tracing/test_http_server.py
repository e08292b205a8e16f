import threading
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest

from nodeagent.probes.http_server import HTTP_SERVER, Ended
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
        (one.method, one.path, one.status or 200, bool(one.head.parent_id)) for one in seen
    ]
    assert {any_server.address} == {one.host for one in seen}
    assert {any_server.pid} == {one.head.process for one in seen}
    assert {(1, 1)} == {one.version for one in seen}
    assert not any(one.over_tls for one in seen)
    assert all(one.peer.startswith("127.0.0.1:") for one in seen)


def test_parents_are_those_of_the_headers_and_ids_are_unique(
    tracer: Tracer, any_server: Server
) -> None:
    """A request continues its traceparent's trace; without one it begins its own."""
    _send(any_server, keep_alive=True)

    seen = gathered(tracer, any_server)

    continued = [one for one in seen if one.head.parent_id]
    begun = [one for one in seen if not one.head.parent_id]
    assert {(TRACE, PARENT)} == {(one.head.trace_id, one.head.parent_id) for one in continued}
    assert len(begun) == len({one.head.trace_id for one in begun} - {0, TRACE})
    assert len(seen) == len({one.head.span_id for one in seen} - {0})


def test_times_are_in_order(tracer: Tracer, any_server: Server) -> None:
    """On one connection each request begins before it ends, and ends before the next begins."""
    _send(any_server, keep_alive=True)

    seen = gathered(tracer, any_server)

    times = [time for one in seen for time in (one.head.start, one.head.end)]
    assert len(times) == 46
    assert sorted(times) == times


def test_routes_are_the_patterns_of_the_mux(tracer: Tracer, any_server: Server, case: Case) -> None:
    """Since Go 1.22 a request knows its pattern; what matches none has no route."""
    any_server.get("/items/7")
    any_server.get("/unknown")

    seen = gathered(tracer, any_server)

    route = "" if case.version == "1.19" else "/items/"
    assert [("/items/7", route), ("/unknown", "")] == [(one.path, one.route) for one in seen]


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

    assert list(parents) == sorted(one.head.parent_id for one in seen)


def test_the_program_gets_its_headers_as_they_were(tracer: Tracer, server: Server) -> None:
    """Tracing changes nothing of what the program sees."""
    sent = traceparent()

    assert sent == server.get("/echo", {"traceparent": sent})
    assert len(gathered(tracer, server)) == 1


@pytest.mark.parametrize(("path", "ended"), [("/fail", Ended.ABORTED), ("/hijack", Ended.HIJACKED)])
def test_a_request_without_an_answer_ends_too(
    tracer: Tracer, any_server: Server, path: str, ended: Ended
) -> None:
    """A handler that panics, or takes the connection over; those around it are as ever."""
    connection = any_server.connect()
    for one in ("/items/1", path):
        connection.request("GET", one)
        try:
            read(connection.getresponse())
        except ConnectionError:
            connection.close()
    connection.close()
    any_server.get("/items/2")

    seen = [(one.path, one.ended) for one in gathered(tracer, any_server)]
    answered = Ended.ANSWERED
    assert sorted(seen) == sorted([("/items/1", answered), ("/items/2", answered), (path, ended)])


def test_the_pattern_of_go_1_22_is_found(program: Path) -> None:
    """There it is behind a pointer, which later versions still have."""
    require_tracing()
    fields = tuple(
        replace(one, field="None") if one.name == "request_pattern" else one
        for one in HTTP_SERVER.fields
    )
    tracer = Tracer([replace(HTTP_SERVER, fields=fields)])
    try:
        with running(program) as server:
            tracer.trace(Process(server.pid))
            server.get("/items/1")

            assert [one.route for one in gathered(tracer, server)] == ["/items/"]
    finally:
        tracer.close()


def test_long_texts_are_cut(tracer: Tracer, server: Server) -> None:
    """Of a path 255 bytes are kept, and what follows it is in place."""
    path = "/items/" + "x" * 4000

    server.get(path)

    [seen] = gathered(tracer, server)
    assert path[:255] == seen.path
    assert (server.address, "/items/") == (seen.host, seen.route)


def test_a_path_is_that_of_the_url(tracer: Tracer, any_server: Server) -> None:
    """Decoded where it is escaped, and without the host where the request names that, too."""
    paths = ["/items/a%20b%2Fc", f"http://{any_server.address}/items/d", "/items/é"]
    for path in paths:
        connection = any_server.connect()
        connection.putrequest("GET", quote(path, safe="/:%"), skip_host=True)
        connection.putheader("Host", any_server.address)
        connection.endheaders()
        read(connection.getresponse())
        connection.close()

    seen = [(one.method, one.path) for one in gathered(tracer, any_server)]
    assert seen == [("GET", "/items/a b/c"), ("GET", "/items/d"), ("GET", "/items/é")]


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
