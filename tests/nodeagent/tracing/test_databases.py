import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan

from nodeagent.probes.sql import DatabaseCall
from nodeagent.spans.database import database_span
from nodeagent.spans.span import Where
from nodeagent.tracing.process import Process
from nodeagent.tracing.tracer import Tracer
from tests.nodeagent.binary.conftest import required, shown
from tests.nodeagent.binary.toolchains import UnavailableError
from tests.nodeagent.tracing.collecting import everything
from tests.nodeagent.tracing.databases import ask, built_with_drivers, postgresql
from tests.nodeagent.tracing.servers import Server, running
from tests.waiting import until

_TABLE = "CREATE TABLE items (name varchar(20), price int)"

# Path, statement, and the calls that it is by the names of their spans and types of their errors.
_WORKLOAD = (
    ("/exec", _TABLE, (("CREATE TABLE items", None),)),
    *(
        ("/exec", f"INSERT INTO items VALUES ('item {n}', {n})", (("INSERT items", None),))
        for n in range(6)
    ),
    ("/query", "SELECT name FROM items WHERE price < 3", (("SELECT items", None),)),
    ("/row", "SELECT name FROM items WHERE name = 'item 3'", (("SELECT items", None),)),
    ("/elsewhere", "SELECT count(*) FROM items", (("SELECT items", None),)),
    ("/prepared", "UPDATE items SET price = 8", (("PREPARE", None), *[("UPDATE items", None)] * 2)),
    (
        *("/transaction", "DELETE FROM items WHERE price = 1"),
        (("BEGIN", None), ("DELETE items", None), ("COMMIT", None)),
    ),
    ("/rollback", "", (("BEGIN", None), ("ROLLBACK", None))),
    (
        "/held",
        "INSERT INTO items SELECT name, 7 FROM items",
        (("INSERT items SELECT items", None),),
    ),
    ("/exec", "DELETE FROM missing", (("DELETE missing", "error"),)),
    ("/exec", "SELECTION", (("system", "error"),)),
    ("/query", "SELECT 1", (("SELECT", None),)),
    ("/exec", "DROP TABLE items", (("DROP TABLE items", None),)),
)


@pytest.fixture(name="program", scope="module")
def fixture_program(request: pytest.FixtureRequest) -> Path:
    """A server with real drivers; a minute to build."""
    if not required():
        pytest.skip("built with SPANHOOK_REQUIRE_GO=1 only")
    with shown(request) as say:
        return built_with_drivers(say)


@pytest.fixture(name="postgres", scope="module")
def fixture_postgres() -> Iterator[str]:
    """A PostgreSQL, by what drivers are told to reach it."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            with postgresql(Path(folder)) as source:
                yield source
        except UnavailableError as error:
            pytest.skip(str(error))


def _spans(tracer: Tracer, program: Path, driver: str, source: str) -> list[ReadableSpan]:
    with running(program, driver, source) as server:
        until(lambda: ask(server, "/query", "SELECT 1") == _FINE, "the database")
        tracer.trace(Process(server.pid))
        everything(tracer, server)
        for path, statement, _ in _WORKLOAD:
            ask(server, path, statement)
        return _seen(tracer, server)


_FINE = "<nil>"


def _seen(tracer: Tracer, server: Server) -> list[ReadableSpan]:
    found = everything(tracer, server)
    tracer.forget(server.pid)
    calls = (one for one in found if isinstance(one, DatabaseCall))
    return [database_span(call, Where(Resource({}), 0)) for call in calls]


def _said(spans: list[ReadableSpan], system: str, error: str) -> list[tuple[str, str | None]]:
    """Names and errors, with the words that the workload has for them."""
    return [
        (
            span.name.replace(system, "system"),
            str((span.attributes or {}).get("error.type")).replace(error, "error"),
        )
        for span in spans
    ]


_EXPECTED = [(name, str(error)) for _, _, calls in _WORKLOAD for name, error in calls]


def test_sqlite(tracer: Tracer, program: Path, tmp_path: Path) -> None:
    """23 calls of a real database, in the traced process itself."""
    spans = _spans(tracer, program, "sqlite", str(tmp_path / "items.db"))

    assert len(_EXPECTED) == 23
    assert _said(spans, "sqlite", "*sqlite.Error") == _EXPECTED
    assert {(span.attributes or {})["db.system.name"] for span in spans} == {"sqlite"}


@pytest.mark.parametrize(
    ("driver", "error"), [("postgres", "*pq.Error"), ("pgx", "*pgconn.PgError")]
)
def test_postgresql(tracer: Tracer, program: Path, postgres: str, driver: str, error: str) -> None:
    """23 calls of a real database on the other end of a socket, by two drivers."""
    spans = _spans(tracer, program, driver, postgres)

    assert _said(spans, "postgresql", error) == _EXPECTED
    assert {(span.attributes or {})["db.system.name"] for span in spans} == {"postgresql"}
