"""Routes as routers beside net/http's own have them."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from nodeagent.tracing.process import Process
from nodeagent.tracing.tracer import Tracer
from tests.nodeagent.binary.builds import Case
from tests.nodeagent.binary.conftest import required, shown
from tests.nodeagent.binary.toolchains import NEWEST
from tests.nodeagent.tracing.collecting import gathered
from tests.nodeagent.tracing.servers import Server, built, running

_CASES = (
    Case(NEWEST, "stripped"),
    *(Case(version, "stripped") for version in ("1.23.9", "1.24.11", "1.26.6")),
)
_ROUTES = {
    "gin": ("/items/:id", "/shop/orders/:id/lines"),
    "chi": ("/items/{id}", "/shop/orders/{id}/lines"),
    "mux": ("/items/{id}", "/shop/orders/{id}/lines"),
}


@pytest.fixture(name="routers", scope="module", params=_CASES, ids=str)
def fixture_routers(request: pytest.FixtureRequest) -> Path:
    """The program by each version; by the newest only where not all are required."""
    case: Case = request.param
    if case != _CASES[0] and not required():
        pytest.skip("built with SPANHOOK_REQUIRE_GO=1 only")
    with shown(request) as say:
        return built(case, say, "routers")


@pytest.fixture(name="router", params=_ROUTES)
def fixture_router(request: pytest.FixtureRequest) -> str:
    """Each router's name."""
    name: str = request.param
    return name


@pytest.fixture(name="routed")
def fixture_routed(tracer: Tracer, routers: Path, router: str) -> Iterator[Server]:
    """A server by this router, which runs and is traced."""
    with running(routers, router) as server:
        tracer.trace(Process(server.pid))
        yield server
        tracer.forget(server.pid)


def test_each_request_has_its_route(tracer: Tracer, routed: Server, router: str) -> None:
    """23 requests are 23 records with method, status and route, and what has no route has none."""
    item, lines = _ROUTES[router]
    works = [
        *[("GET", f"/items/{number}", 200, item) for number in range(9)],
        *[("POST", f"/shop/orders/{number}/lines", 201, lines) for number in range(7)],
        *[("GET", "/fail", 500, "/fail")] * 4,
        *[("GET", f"/unknown/{number}", 404, "") for number in range(3)],
    ]
    for method, path, _, _ in works:
        routed.get(path, method=method)

    seen = gathered(tracer, routed)

    assert [(one.method, one.path, one.status, one.route) for one in seen] == works


def test_routes_are_told_apart_under_load(tracer: Tracer, routed: Server, router: str) -> None:
    """Routers use what they know of a request again for the next one: none is taken for another."""
    item, lines = _ROUTES[router]

    def ask() -> None:
        for number in range(25):
            routed.get(f"/items/{number}")
            routed.get(f"/shop/orders/{number}/lines", method="POST")

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    seen = gathered(tracer, routed)
    assert len(seen) == 400
    assert {one.route for one in seen if one.method == "GET"} == {item}
    assert {one.route for one in seen if one.method == "POST"} == {lines}
