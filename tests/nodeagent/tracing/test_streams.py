"""HTTP/2 as golang.org/x/net serves it: over plain connections, and over TLS."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from nodeagent.probes.http_server import Ended
from nodeagent.tracing.process import Process
from nodeagent.tracing.tracer import Tracer
from tests.nodeagent.binary.builds import Case
from tests.nodeagent.binary.conftest import required, shown
from tests.nodeagent.binary.toolchains import NEWEST
from tests.nodeagent.tracing.collecting import gathered, gathered_with
from tests.nodeagent.tracing.servers import Server, built, fetched, running

_CASES = (
    Case(NEWEST, "stripped"),
    *(Case(version, "stripped") for version in ("1.19", "1.24.11", "1.26.6")),
)
_STATUSES = (201, 204, 400, 404, 418, 500, 503)


@pytest.fixture(name="streaming", scope="module", params=_CASES, ids=str)
def fixture_streaming(request: pytest.FixtureRequest) -> tuple[Case, Path]:
    """The program by each version; by the newest only where not all are required."""
    case: Case = request.param
    if case != _CASES[0] and not required():
        pytest.skip("built with SPANHOOK_REQUIRE_GO=1 only")
    with shown(request) as say:
        return case, built(case, say, "h2c")


@pytest.fixture(name="streams")
def fixture_streams(tracer: Tracer, streaming: tuple[Case, Path]) -> Iterator[Server]:
    """It runs, and is traced."""
    with running(streaming[1]) as server:
        tracer.trace(Process(server.pid))
        yield server
        tracer.forget(server.pid)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_each_stream_is_seen_once(
    tracer: Tracer, streams: Server, streaming: tuple[Case, Path], scheme: str
) -> None:
    """23 requests over one connection are 23 records, whether net/http hands them on or not."""
    base = f"{scheme}://{streams.secure if scheme == 'https' else streams.address}"
    paths = [
        *(f"/items/{number}" for number in range(16)),
        *(f"/status/{status}" for status in _STATUSES),
    ]
    statuses = [*[200] * 16, *_STATUSES]

    answers = fetched(streaming[1], *(f"{base}{path}" for path in paths))

    assert answers == [f"HTTP/2.0 {status}" for status in statuses]
    seen = gathered(tracer, streams)
    assert [(one.method, one.path, one.status or 200) for one in seen] == [
        ("GET", path, status) for path, status in zip(paths, statuses, strict=True)
    ]
    assert {(one.version, one.ended) for one in seen} == {((2, 0), Ended.ANSWERED)}
    assert len({one.head.span_id for one in seen}) == 23


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_handler_that_panics_is_seen(
    tracer: Tracer, streams: Server, streaming: tuple[Case, Path], scheme: str
) -> None:
    """It has no status; the streams around it are as ever."""
    base = f"{scheme}://{streams.secure if scheme == 'https' else streams.address}"
    paths = ("/items/1", "/fail", "/items/2")

    answers = fetched(streaming[1], *(f"{base}{path}" for path in paths))

    assert answers == ["HTTP/2.0 200", "failed", "HTTP/2.0 200"]
    seen = gathered_with(tracer, streams, "/fail")
    assert [(one.path, one.ended) for one in sorted(seen, key=lambda one: one.head.start)] == [
        ("/items/1", Ended.ANSWERED),
        ("/fail", Ended.ABORTED),
        ("/items/2", Ended.ANSWERED),
    ]
